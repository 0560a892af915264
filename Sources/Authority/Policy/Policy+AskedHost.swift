import Names

/// The host that somebody asks about, as they may know it.
struct AskedHost: Sendable {
    let host: Host
    /// False for a stand-in: a host of that name may exist or not, and nothing may be issued for it.
    let isReal: Bool
}

extension Policy {
    /// Who has no role on the authority does not learn which hosts there are: what no grant of theirs reaches is, known or
    /// unknown, decided on as a host that has the name they typed and nothing else.
    ///
    /// - Returns: nil for a text that is no name, unless it is the address of a host that they may know.
    func asked(_ text: String, found: Host?, by subject: Subject) -> AskedHost? {
        if let found, mayKnow(found, subject) { return AskedHost(host: found, isReal: true) }
        guard let name = try? Name(host: text) else { return nil }
        return AskedHost(host: Host(name: name), isReal: false)
    }

    private func mayKnow(_ host: Host, _ subject: Subject) -> Bool {
        guard authorityRoles(of: subject).isEmpty else { return true }
        return grants.contains { grant in
            !grant.isAboutAuthority && includes(grant.who, subject) && grant.to.contains(where: host.matches)
        }
    }
}
