package import Names
package import SSHFormats

/// What is revoked: one certificate, every use of a key, or all that an identity holds now.
package enum RevocationTarget: Hashable, Sendable {
    case serial(CertificateAuthority, UInt64)
    case key(Fingerprint)
    case identity(IdentityID)
}

/// A revocation, for good. What is due in the KRL follows from these and the certificates still running.
package struct Revocation: Hashable, Sendable {
    package let target: RevocationTarget
    package let reason: String
    package let at: UnixTime
    /// Whether hosts shall end the live sessions that came by it, too.
    package let endsSessions: Bool

    package init(target: RevocationTarget, reason: String, at: UnixTime, endsSessions: Bool = false) {
        self.target = target
        self.reason = reason
        self.at = at
        self.endsSessions = endsSessions
    }

    /// Seconds for which hosts are told to end sessions: as long as a state counts. So long what is meant stands in the KRL
    /// too, even if it has expired: a session may outlive its certificate.
    package static let sessionOrder: UInt64 = 86_400
    /// Certificates that ended so many seconds before the revocation are still looked for in live sessions.
    package static let sessionReach: UInt64 = 90 * 86_400
}

/// What the KRL of one certificate authority must hold at one moment.
package struct RevokedNow: Hashable, Sendable {
    /// Serials of unexpired revoked certificates, and of blocks whose process died without recording them.
    package var serials: [ClosedRange<UInt64>]
    package var keys: Set<Fingerprint>

    package init(serials: [ClosedRange<UInt64>] = [], keys: Set<Fingerprint> = []) {
        self.serials = serials
        self.keys = keys
    }
}
