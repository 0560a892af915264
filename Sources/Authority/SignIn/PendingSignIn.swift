package import Names
package import SSHFormats

/// A sign-in that waits for another device of the person.
package struct PendingSignIn: Hashable, Sendable {
    package enum Purpose: String, Hashable, Sendable {
        case signIn = "sign-in"
        /// Everything is set anew for whoever asks: the person has lost their factors.
        case recovery

        /// Seconds that it waits. Who recovers has to find the other device first.
        package var longest: UInt64 { self == .signIn ? 120 : 600 }
    }

    package let id: String
    package let identity: IdentityID
    package let purpose: Purpose
    /// Shown where the sign-in began, typed where it is approved: four digits.
    package let number: String
    /// What the session would be bound to.
    package let key: Fingerprint
    /// Numeric address.
    package let source: String
    package let askedAt: UnixTime
    package var decision: Decision?

    package enum Decision: String, Hashable, Sendable {
        case approved, denied
        /// Approved, and used for its session.
        case used
    }

    package init(
        id: String, identity: IdentityID, purpose: Purpose = .signIn, number: String, key: Fingerprint,
        source: String, askedAt: UnixTime, decision: Decision? = nil
    ) {
        self.id = id
        self.identity = identity
        self.purpose = purpose
        self.number = number
        self.key = key
        self.source = source
        self.askedAt = askedAt
        self.decision = decision
    }

    package func isOpen(at now: UnixTime) -> Bool { decision == nil && !isOver(at: now) }
    func isOver(at now: UnixTime) -> Bool { now >= askedAt.advanced(by: Int64(purpose.longest)) }
}
