package import Authority
package import SSHFormats

/// The signer as it is while its keys are sealed: they are known, and nothing is signed, whatever becomes of the real
/// one meanwhile.
package struct SealedSigner: Signer, CAKeyring {
    private let keys: [SigningRole: PublicKey]

    package init(_ keys: [SigningRole: PublicKey]) { self.keys = keys }

    package func publicKeys() async throws(SignerError) -> [SigningRole: PublicKey] { keys }

    package func sign(_ permit: consuming SigningPermit) async throws(SignerError) -> Signature {
        throw .sealed
    }

    package func signCheckpoint(
        body: [UInt8], consistency: [[UInt8]]
    ) async throws(SignerError) -> [UInt8] { throw .sealed }

    package func checkpointSize() async throws(SignerError) -> UInt64 { throw .sealed }
    package func signHostState(_ payload: [UInt8]) async throws(SignerError) -> [UInt8] { throw .sealed }
    package func signTLS(toBeSigned: [UInt8]) async throws(SignerError) -> [UInt8] { throw .sealed }

    package func caKeys() async throws(SignerError) -> [HeldCAKey] { throw .sealed }
    package func prepareKey(
        _ authority: CertificateAuthority
    ) async throws(SignerError) -> (key: PublicKey, sealed: [UInt8]) { throw .sealed }
    package func adoptKey(
        _ authority: CertificateAuthority, sealed: [UInt8]
    ) async throws(SignerError) { throw .sealed }
    package func promoteKey(
        _ authority: CertificateAuthority, _ key: PublicKey
    ) async throws(SignerError) { throw .sealed }
    package func retireKey(
        _ authority: CertificateAuthority, _ key: PublicKey
    ) async throws(SignerError) { throw .sealed }
}
