import Names
import SSHFormats

/// What became of a certificate: everybody asks about their own, auditors about all.
package struct CertificateDesk: Sendable {
    let certificates: any Certificates
    let policies: PolicyDesk
    let recorder: Recorder

    /// - Throws: `.refused(.notFound)` for one that was never issued, and to strangers for those of others.
    package func look(
        _ authority: CertificateAuthority, serial: UInt64, by requester: Requester
    ) async throws(AuthorityError) -> (issued: IssuedCertificate, isRevoked: Bool) {
        let found: IssuedCertificate?
        do { found = try await certificates.certificate(authority, serial: serial) } catch {
            throw .store(error)
        }
        let subject = "certificate \(authority.rawValue) \(serial)"
        if found?.identity != requester.identity.id {
            try await policies.readOne(.auditor, requester, on: subject, exists: found != nil)
        }
        guard let found else { throw .refused(.notFound, subject) }
        let revoked: RevokedNow
        do { revoked = try await certificates.revoked(authority, at: recorder.world.now()) } catch {
            throw .store(error)
        }
        let isRevoked =
            revoked.serials.contains { $0.contains(serial) }
            || revoked.keys.contains(found.certificate.fingerprint)
        return (found, isRevoked)
    }
}
