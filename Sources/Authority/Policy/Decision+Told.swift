import Names
import SSHFormats

extension Decision {
    /// As it is said to whoever asks. Who has no role on the authority hears nothing of grants that are for others: a grant
    /// that names a host says that there is one.
    func told(to asking: Subject, by policy: Policy) -> Decision {
        guard case .refused(.noGrant, .some, _) = self, policy.authorityRoles(of: asking).isEmpty else {
            return self
        }
        return .refused(.noGrant, nearest: nil, missing: ["no grant is for \(asking.identity.id)"])
    }
}

extension Policy {
    /// From where the grant of a decision works, which sshd checks and not the authority.
    ///
    /// - Parameter source: Where the request comes from, if it is the one to log in that asks.
    func networkWords(_ decision: Decision, _ source: String?) -> [String] {
        let name: Name?
        switch decision {
        case .allowed(let allowance): name = allowance.grant
        case .refused(_, let nearest, _): name = nearest
        }
        guard let grant = grants.first(where: { $0.name == name }), let from = grant.from else { return [] }
        let words = "grant \(grant.name) works from \(from) only"
        guard let source, !from.allows(source) else { return [words] }
        return ["\(words), and this is \(source)"]
    }
}
