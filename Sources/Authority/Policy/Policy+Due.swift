package import Names
package import SSHFormats

extension Policy {
    /// What to show so that this grant's factors are met, in the order of the policy.
    package func factorsDue(_ grant: Name?, for subject: Subject, at now: UnixTime) -> [Factor] {
        guard let grant = grants.first(where: { $0.name == grant }) else { return [] }
        return grant.with.filter { !subject.meets($0, at: now) }.map(\.factor)
    }

    /// The same for an act on the authority; an admin's need one that is fresh, whichever it is.
    package func factorsDue(
        _ grant: Name?, _ act: AuthorityRole, for subject: Subject, at now: UnixTime
    ) -> [Factor] {
        let due = factorsDue(grant, for: subject, at: now)
        guard due.isEmpty, act == .admin, !Self.hasFreshFactor(subject, at: now) else { return due }
        return [.totp]
    }
}

extension Refusal {
    /// Whether showing factors again would help.
    var isAboutFactors: Bool { self == .factorRequired || self == .factorTooOld }
}
