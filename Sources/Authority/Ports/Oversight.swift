package import Names
package import SSHFormats

/// What is known of use and misuse, beyond what decisions need.
package protocol Oversight: Sendable {
    /// All of it, as of then.
    func oversight(at now: UnixTime) async throws(StoreError) -> OversightFacts
}

package struct OversightFacts: Hashable, Sendable {
    /// Wrong factors of each person within the last day.
    package var failures: [IdentityID: UInt64]
    /// Factors that persons have, with when they were set; nil where that was not written down.
    package var factors: [IdentityID: [Factor: UnixTime?]]
    /// The last use of any session of each identity.
    package var lastSeen: [IdentityID: UnixTime]
    /// Public keys with running certificates of more than one identity.
    package var sharedKeys: [Fingerprint: Set<IdentityID>]
    /// Networks that a key was used from within the last hour, where there were several.
    package var sources: [Fingerprint: Set<String>]
    /// Persons who signed in with a well-known password since it was set.
    package var knownPasswords: Set<IdentityID>

    package init(
        failures: [IdentityID: UInt64] = [:], factors: [IdentityID: [Factor: UnixTime?]] = [:],
        lastSeen: [IdentityID: UnixTime] = [:], sharedKeys: [Fingerprint: Set<IdentityID>] = [:],
        sources: [Fingerprint: Set<String>] = [:], knownPasswords: Set<IdentityID> = []
    ) {
        self.failures = failures
        self.factors = factors
        self.lastSeen = lastSeen
        self.sharedKeys = sharedKeys
        self.sources = sources
        self.knownPasswords = knownPasswords
    }
}
