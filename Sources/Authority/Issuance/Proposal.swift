import Names
import SSHFormats

/// A certificate as policy and lint allow it, before it has a serial.
struct Proposal: Sendable {
    let authority: CertificateAuthority
    let publicKey: PublicKey
    let keyID: String
    let principals: [String]
    let validity: Validity
    /// Seconds, from its issue; what backdating adds is not counted.
    let lifetime: UInt64
    let criticalOptions: CriticalOptions
    let extensions: Extensions
    let grant: Name?

    func draft(
        serial: UInt64, nonce: [UInt8], signatureKey: PublicKey
    ) throws(AuthorityError) -> CertificateDraft {
        do {
            return try CertificateDraft(
                kind: authority == .host ? .host : .user, publicKey: publicKey, serial: serial, keyID: keyID,
                principals: try Principals(principals), validity: validity, criticalOptions: criticalOptions,
                extensions: extensions, nonce: nonce, signatureKey: signatureKey)
        } catch {
            throw .refused(.certificateRefused, "\(error)")
        }
    }
}
