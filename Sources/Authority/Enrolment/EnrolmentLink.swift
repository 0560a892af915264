package import Names
package import SSHFormats

/// A link that enrols one identity: a token, shown once, stored hashed, 15 minutes, bound to the first key that uses it,
/// ended by a newer one.
package struct EnrolmentLink: Hashable, Sendable {
    /// SHA-256 of the token.
    package let tokenHash: [UInt8]
    package let identity: IdentityID
    package let madeBy: IdentityID?
    package let notAfter: UnixTime
    package var redeemedBy: Fingerprint?
    /// When the enrolment was finished; from then on the link is dead.
    package var completedAt: UnixTime?

    package init(
        tokenHash: [UInt8], identity: IdentityID, madeBy: IdentityID?, notAfter: UnixTime,
        redeemedBy: Fingerprint? = nil, completedAt: UnixTime? = nil
    ) {
        self.tokenHash = tokenHash
        self.identity = identity
        self.madeBy = madeBy
        self.notAfter = notAfter
        self.redeemedBy = redeemedBy
        self.completedAt = completedAt
    }
}
