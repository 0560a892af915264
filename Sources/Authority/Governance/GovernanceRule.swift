/// Something that an authority watches over. The raw value is the word of the policy.
package enum GovernanceRule: String, Hashable, Sendable, CaseIterable {
    /// So many wrong factors for one person within a day.
    case failedAttempts = "failed-attempts"
    /// A password that was set longer ago. NIST SP 800-63B §5.1.1.2 asks for no such thing: off unless a policy says so.
    case passwordAge = "password-age"
    /// A password of the local list of well-known ones.
    case knownPasswords = "known-bad-passwords"
    /// One public key with running certificates of several identities.
    case sharedKeys = "shared-keys"
    /// A key that was registered, or reauthorized, longer ago than its holder may go on without saying so again.
    case overdueKeys = "overdue-keys"
    case dormantIdentities = "dormant-identities"
    case dormantKeys = "dormant-keys"
    case weakAlgorithms = "weak-algorithms"
    /// One key used from so many networks within an hour: a sign that it is shared.
    case manyAddresses = "many-addresses"
    case noSecondFactor = "no-second-factor"
    /// A service, host or device whose owner is no longer active.
    case ownerLeft = "owner-left"

    /// What holds where the policy says nothing.
    var standard: GovernanceSetting {
        switch self {
        case .passwordAge: GovernanceSetting(measure: .off, after: 365 * 86_400)
        case .failedAttempts: GovernanceSetting(measure: .warn, count: 20)
        case .manyAddresses: GovernanceSetting(measure: .warn, count: 3)
        case .overdueKeys: GovernanceSetting(measure: .warn, after: 365 * 86_400)
        case .dormantIdentities, .dormantKeys: GovernanceSetting(measure: .warn, after: 90 * 86_400)
        case .knownPasswords, .sharedKeys, .weakAlgorithms, .noSecondFactor, .ownerLeft:
            GovernanceSetting(measure: .warn)
        }
    }
}

/// What is done about it, from the mildest on.
package enum GovernanceMeasure: String, Hashable, Sendable, CaseIterable, Comparable {
    case off, warn
    /// A second factor is asked for again before the next use.
    case verify
    /// The next use is refused.
    case lock

    package static func < (a: GovernanceMeasure, b: GovernanceMeasure) -> Bool {
        (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
    }
}

/// One rule as the policy sets it.
package struct GovernanceSetting: Hashable, Sendable {
    package var measure: GovernanceMeasure
    /// Seconds; only where the rule is about age.
    package var after: UInt64?
    /// From so many on; only where the rule counts.
    package var count: UInt64?

    init(measure: GovernanceMeasure, after: UInt64? = nil, count: UInt64? = nil) {
        self.measure = measure
        self.after = after
        self.count = count
    }

    /// `lock after 90d`, `warn from 20 on`.
    package var words: String {
        measure.rawValue + (after.map { " after \(PolicyDuration.words($0))" } ?? "")
            + (count.map { " from \($0) on" } ?? "")
    }
}
