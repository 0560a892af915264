import Authority
import Crypto
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `The state of a host` {
    @Test func `is signed over the lists that it comes with`() async throws {
        let (house, host) = try await TestHouse.withHost()
        let state = try await house.authority.hosts.state(for: host)
        let signature = try Signature(algorithm: "ssh-ed25519", bytes: state.signature)
        try house.authority.keys.key(.hostState).verify(signature, over: state.payload)
        #expect(state.payload.holds(Array(SHA256.hash(data: state.userKRL))))
        #expect(state.payload.holds(Array("env=staging".utf8)))
        #expect(state.payload.holds(try house.authority.keys.key(.userCA).blob))
        #expect(!state.payload.holds(try house.authority.keys.key(.plainUserCA).blob))
        _ = try KRL(bytes: state.userKRL)
    }

    @Test func `is for hosts alone`() async throws {
        let house = try await TestHouse()
        let ada = try await house.requester("ada")
        #expect(await refusal { try await house.authority.hosts.state(for: ada) } == .notSignedIn)
    }

    @Test func `is announced at first and whenever it moves`() async throws {
        let (house, host) = try await TestHouse.withHost()
        var versions = try await house.authority.hosts.stateVersions().makeAsyncIterator()
        let first = try #require(await versions.next())
        #expect(first == (await house.store.hostStateVersion()))
        let ada = try await house.requester("ada")
        _ = try await house.authority.administration.setStatus(
            host.identity.id, .suspended, reason: "", by: ada, once: .unclaimed)
        let second = try #require(await versions.next())
        #expect(second == (await house.store.hostStateVersion()))
        #expect(second > first)
    }

    @Test func `reaches every listener at its newest, whatever happens at once`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let hal = try await house.requester("hal")
        let newest = await withTaskGroup(of: UInt64.self) { group in
            for number in 0..<20 {
                group.addTask {
                    let fingerprint = Fingerprint(of: [UInt8(number)])
                    _ = try? await house.authority.revocations.revoke(
                        .key(fingerprint), reason: "", by: hal, once: .unclaimed)
                    return 0
                }
                group.addTask {
                    guard let versions = try? await house.authority.hosts.stateVersions() else { return 0 }
                    for await version in versions where version == 20 { return version }
                    return 0
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(newest.count { $0 == 20 } == 20)
    }
}

extension [UInt8] {
    /// Whether these bytes stand in it, one after the other.
    func holds(_ wanted: [UInt8]) -> Bool {
        guard !wanted.isEmpty, wanted.count <= count else { return false }
        return (0...(count - wanted.count)).contains { self[$0...].starts(with: wanted) }
    }
}
