package import Names
package import SSHFormats

/// What sign-in and enrolment compare with.
package protocol Credentials: Sendable {
    /// The sealed secret of a factor, and for TOTP nothing of its steps: those are facts.
    func sealedSecret(of id: IdentityID, _ factor: Factor) async throws(StoreError) -> [UInt8]?
    /// Recovery codes that were not used, as they are compared.
    func recoveryCodes(of id: IdentityID) async throws(StoreError) -> [[UInt8]]
    func link(tokenHash: [UInt8]) async throws(StoreError) -> EnrolmentLink?
    /// Reserves one comparison, before any hashing. Decided by the database, once for all nodes.
    func reserve(_ attempt: Attempt, limits: AttemptLimits) async throws(StoreError) -> AttemptVerdict
    /// Gives a reservation back (`.succeeded` clears the source's failures as well).
    func settle(_ attempt: Attempt, _ outcome: AttemptOutcome) async throws(StoreError)
}

/// One try at one factor of one account from one address.
package struct Attempt: Hashable, Sendable {
    /// The account, or a bucket for names that do not exist, so that both cost the same and tables stay bounded.
    package let account: String
    package let factor: Factor
    /// /32 or /64 of the peer.
    package let source: String
    package let at: UnixTime

    package init(account: String, factor: Factor, source: String, at: UnixTime) {
        self.account = account
        self.factor = factor
        self.source = source
        self.at = at
    }
}

package enum AttemptOutcome: Hashable, Sendable { case succeeded, released }

package enum AttemptVerdict: Hashable, Sendable {
    case reserved
    case locked(until: UnixTime)
}

/// 5 failures per (account, factor, source) with growing delay, 33 a day per (account, factor).
package struct AttemptLimits: Hashable, Sendable {
    package let perSource: Int
    package let perDay: Int
    /// Seconds locked after the `perSource`-th failure; doubles with each further one up to `longestDelay`.
    package let firstDelay: UInt64
    package let longestDelay: UInt64

    package init(perSource: Int = 5, perDay: Int = 33, firstDelay: UInt64 = 60, longestDelay: UInt64 = 3600) {
        self.perSource = perSource
        self.perDay = perDay
        self.firstDelay = firstDelay
        self.longestDelay = longestDelay
    }
}
