package import Names

/// What a grant with `to: [authority]` lets somebody do on the authority itself.
package enum AuthorityRole: String, Hashable, Sendable, CaseIterable {
    /// Everything, and so all the others too.
    case admin
    /// Makes links for people, devices and hosts.
    case enroller
    /// Reads the ledger and who has what.
    case auditor
    /// Helps people who are locked out.
    case helpdesk

    /// Every act of an admin needs a factor younger than this, in seconds: 15 min.
    package static let adminFreshness: UInt64 = 900

    /// Whether holding this role is enough for an act of the other.
    package func covers(_ other: AuthorityRole) -> Bool { self == other || self == .admin }
}

/// What a policy says to an act on the authority.
package enum AuthorityDecision: Hashable, Sendable {
    case allowed(grant: Name)
    case refused(Refusal, nearest: Name?, missing: [String])

    package var isAllowed: Bool {
        switch self {
        case .allowed: true
        case .refused: false
        }
    }

    /// Whether no grant gives the role at all.
    var isWithoutRole: Bool {
        switch self {
        case .allowed: false
        case .refused(let refusal, _, _): refusal == .adminRequired
        }
    }
}
