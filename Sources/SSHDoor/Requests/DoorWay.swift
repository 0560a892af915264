import AuthorityAPI

/// One login by one grant, and where it leads.
struct DoorWay: Hashable, CustomStringConvertible {
    let login: String
    let grant: String
    let scope: String
    /// Codes, e.g. `factor-required`; empty where a certificate would be issued now.
    let missing: [String]
    /// What to show so that no factor is missing.
    let factors: [String]
    var hosts: Set<String> = []

    /// Each once, in the authority's order.
    static func all(in reach: ReachReply) -> [DoorWay] {
        var ways: [DoorWay] = []
        for host in reach.hosts {
            for login in host.logins {
                let known = ways.firstIndex { $0.login == login.login && $0.grant == login.grant }
                let place = known ?? ways.endIndex
                if known == nil { ways.append(DoorWay(login)) }
                ways[place].hosts.insert(host.name)
            }
        }
        return ways
    }

    private init(_ login: ReachReply.Login) {
        self.init(
            login: login.login, grant: login.grant, scope: login.scope, missing: login.missing,
            factors: login.factors ?? [])
    }

    init(login: String, grant: String, scope: String, missing: [String], factors: [String]) {
        self.login = login
        self.grant = grant
        self.scope = scope
        self.missing = missing
        self.factors = factors
    }

    var isOpen: Bool { missing.isEmpty }

    /// Whether nothing keeps it from this visitor but what they, or others for them, can do now.
    var isOffered: Bool { missing.allSatisfy { $0.hasPrefix("factor-") || $0 == Self.approval } }

    private static let approval = "approval-required"

    /// Whether a signature by an ssh key alone would open it.
    var isSignedFor: Bool { isOffered && factors == [SSHKeyRequest.step] }

    /// What would open it, for a person; nil where nothing that can be done here would.
    var remedy: String? {
        guard isOffered, !isOpen else { return nil }
        var steps: [String] = []
        let asked = factors.filter { $0 != SSHKeyRequest.step }
        if !asked.isEmpty {
            steps.append("come again and show \(asked.joined(separator: " and ")) when the door asks")
        }
        if asked.count < factors.count {
            steps.append("have one of your registered ssh keys in the agent that you forward (ssh -A)")
        }
        if missing.contains(Self.approval) {
            steps.append("have it approved, which sign asks for: sign --grant \(grant) --as \(login)")
        }
        return steps.joined(separator: "; ")
    }

    var description: String {
        let factors = factors.isEmpty ? "" : " (\(factors.joined(separator: " ")))"
        let missing = missing.isEmpty ? "" : ", missing: \(missing.joined(separator: " "))\(factors)"
        return "\(login) by grant \(grant), scope \(scope)\(missing)"
    }
}
