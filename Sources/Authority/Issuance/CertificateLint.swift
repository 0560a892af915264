import Names
import SSHFormats

/// What no policy may allow: the last look at a certificate before a serial is spent on it.
struct CertificateLint: Sendable {
    /// Keys of the authority: none of them is ever certified.
    let authorityKeys: Set<Fingerprint>

    /// What is taken off `validAfter` for clocks that are a little behind.
    static let backdating: UInt64 = 60
    static let longestUser: UInt64 = 86_400
    static let longestHost: UInt64 = 30 * 86_400

    func check(_ publicKey: PublicKey) throws(AuthorityError) {
        do { try publicKey.checkStrength() } catch { throw .refused(.keyTooWeak, "\(error)") }
        guard !authorityKeys.contains(publicKey.fingerprint) else {
            throw .refused(.keyTaken, "this is a key of the authority itself")
        }
    }

    /// sshd asks other keys than those of FIDO tokens for no verification, so the option would be without effect on them.
    func check(_ options: CriticalOptions, on publicKey: PublicKey) throws(AuthorityError) {
        guard options.verifyRequired, !publicKey.type.isSecurityKey else { return }
        throw .refused(.hardwareKeyRequired, "this grant is for FIDO keys alone (sk-…)")
    }

    /// `[now − 60 s, now + lifetime)`; a lifetime of 0 or beyond the limit is refused, never shortened.
    func validity(lifetime: UInt64, limit: UInt64, at now: UnixTime) throws(AuthorityError) -> Validity {
        guard lifetime > 0, lifetime <= limit else {
            throw .refused(.badLifetime, "\(lifetime) s; allowed are 1 to \(limit) s")
        }
        let (end, overflow) = now.seconds.addingReportingOverflow(lifetime)
        guard !overflow, end < UnixTime.forever.seconds else {
            throw .refused(.badLifetime, "\(lifetime) s from now is beyond the end of time")
        }
        do {
            return try Validity(
                validAfter: UnixTime(now.seconds - min(now.seconds, CertificateLint.backdating)),
                validBefore: UnixTime(end))
        } catch {
            throw .refused(.badLifetime, "\(error)")
        }
    }
}
