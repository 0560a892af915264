import Crypto
import SignerProtocol

extension Profile {
    /// Longest life of a root certificate, in seconds; the profile's own is for leaves.
    private static let longestRoot: UInt64 = 30 * 366 * 86_400

    /// Checks a TLS certificate about to be signed: the root's own, or a leaf for TLS that can sign nothing.
    ///
    /// - Throws: ``SignerFault`` with ``SignerFault/Code/profileRefused``.
    func checkTLS(_ bytes: [UInt8], root: P256.Signing.PublicKey, now: UInt64) throws(SignerFault) {
        guard let certificate = TBSCertificate(parsing: bytes) else {
            throw .refused("not a version 3 certificate for ecdsa-with-SHA256")
        }
        let isOwn = certificate.publicKeyInfo.elementsEqual(root.derRepresentation)
        guard !certificate.isAuthority else {
            guard isOwn, certificate.issuer.elementsEqual(certificate.subject) else {
                throw .refused("the only authority that this key certifies is itself")
            }
            var profile = self
            profile.longestValidity = Self.longestRoot
            return try profile.checkValidity(certificate.validity, now: now)
        }
        guard !isOwn else { throw .refused("a leaf may not have the key of the root") }
        guard (certificate.keyUsage ?? 0) & TBSCertificate.authorityUsages == 0 else {
            throw .refused("a leaf may not sign certificates")
        }
        guard let purposes = certificate.purposes, !purposes.isEmpty,
            purposes.allSatisfy(TBSCertificate.tlsPurposes.contains)
        else { throw .refused("a leaf is for TLS servers and clients only") }
        try checkValidity(certificate.validity, now: now)
    }
}
