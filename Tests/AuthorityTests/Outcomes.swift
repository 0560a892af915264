import Authority
import Names
import SSHFormats
import TestKit
import Testing

/// What was refused; nil where something was given. Any other error is an issue of the test.
func refused(_ body: () async throws -> some Any) async -> Refused? {
    do {
        _ = try await body()
        return nil
    } catch AuthorityError.refused(let refused) {
        return refused
    } catch {
        Issue.record("another error: \(error)")
        return nil
    }
}

func refusal(_ body: () async throws -> some Any) async -> Refusal? { await refused(body)?.refusal }

/// The error of the authority, whatever it is; nil where something was given.
func failure(_ body: () async throws -> some Any) async -> AuthorityError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? AuthorityError
    }
}

/// Lets others run until the condition holds.
func until(_ condition: () async -> Bool) async {
    while !(await condition()) { await Task.yield() }
}

extension TestHouse {
    func wish(
        key: UInt8 = 90, to: String? = "web1.example.com", as login: String = "deploy", scope: Scope? = nil,
        lifetime: UInt64? = nil, grant: String? = nil
    ) throws -> IssuanceRequest {
        IssuanceRequest(
            publicKey: try TestHouse.key(key).publicKey, to: to, login: try Login(login), scope: scope,
            lifetime: lifetime, grant: try grant.map { try Name($0) })
    }

    /// A house with the host web1, labelled `env=staging`.
    static func withHost() async throws -> (house: TestHouse, host: Requester) {
        let house = try await TestHouse()
        let host = try await house.addHost(
            "web1.example.com", agentKey: 20, hostKey: 21, labels: ["env=staging"], aliases: ["web1"],
            addresses: ["192.0.2.80"])
        return (house, host)
    }

    func claim(_ number: UInt8, body: UInt8 = 1) -> IdempotencyClaim {
        IdempotencyClaim(
            scopeHash: [UInt8](repeating: number, count: 32), bodyHash: [UInt8](repeating: body, count: 32),
            notAfter: clock.now.advanced(by: 86_400))
    }

    /// Actions of the ledger, in order; refused ones with their code.
    var story: [String] {
        get async {
            await store.events.map { $0.action.rawValue + ($0.refusal.map { ":\($0.rawValue)" } ?? "") }
        }
    }
}
