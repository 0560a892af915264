import Authority
import Names
import SSHFormats

/// A moment that tests count from.
let noon = UnixTime(1_800_000_000)

func moment(_ secondsAgo: Int64) -> UnixTime { noon.advanced(by: -secondsAgo) }

func person(_ name: String, login: String? = nil, status: IdentityStatus = .active) throws -> Identity {
    Identity(
        id: try IdentityID(name), owner: nil, status: status,
        attributes: IdentityAttributes(login: try login.map { try Login($0) }), createdAt: noon)
}

func device(of owner: String, status: IdentityStatus = .active) throws -> Identity {
    Identity(
        id: try IdentityID("device:\(owner).laptop"), owner: try IdentityID(owner), status: status,
        createdAt: noon)
}

func host(_ name: String, _ labels: String...) throws -> Host {
    Host(name: try Name(host: name), labels: Set(try labels.map { try Label($0) }))
}

func request(
    _ subject: Subject, _ host: Host?, _ login: String, scope: Scope? = nil, lifetime: UInt64? = nil,
    grant: String? = nil
) throws -> AccessRequest {
    AccessRequest(
        subject: subject, host: host, login: try Login(login), scope: scope, lifetime: lifetime,
        grant: try grant.map { try Name($0) })
}

/// What is wrong with a policy text; none if it can be read.
func faults(of yaml: String) -> [PolicyFault] {
    do {
        _ = try Policy(yaml: yaml)
        return []
    } catch {
        return error.faults
    }
}

extension Decision {
    var allowance: Allowance? {
        if case .allowed(let allowance) = self { return allowance }
        return nil
    }

    var refusal: Refusal? {
        if case .refused(let refusal, _, _) = self { return refusal }
        return nil
    }
}

/// A policy with one grant, `web`, whose fields a test replaces or adds.
func policyText(
    _ fields: [String: String?] = [:], groups: String = "{web: [alice, service:deployer]}"
)
    -> String
{
    let standard: [String: String?] = [
        "name": "web", "who": "[group:web]", "to": "[host:web1.example.com]", "as": "[deploy]",
    ]
    let lines = standard.merging(fields) { $1 }.sorted { $0.key < $1.key }
        .compactMap { key, value in value.map { "    \(key): \($0)" } }
    return "groups: \(groups)\ngrants:\n  -\n" + lines.joined(separator: "\n") + "\n"
}

/// Numbers that are the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &self) == 0 }

    /// `1…most` different ones.
    mutating func some(_ things: [String], atMost most: Int) -> [String] {
        Array(things.shuffled(using: &self).prefix(Int.random(in: 1...most, using: &self)))
    }
}
