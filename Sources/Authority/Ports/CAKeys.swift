package import Names
package import SSHFormats

/// The CA keys as they are kept, and who holds what of them.
package protocol CAKeys: Sendable {
    /// All of it as of one moment.
    func caKeySets() async throws(StoreError) -> CAKeySets
    /// How many certificates of that authority run, and when the last of them ends; nil where there is none.
    func running(
        _ authority: CertificateAuthority, at now: UnixTime
    ) async throws(StoreError) -> (count: UInt64, lastExpiry: UnixTime?)
    /// Active devices with a running user certificate that did not say that they know this host CA key, in order of name.
    func devicesWithout(_ key: Fingerprint, at now: UnixTime) async throws(StoreError) -> [IdentityID]
    /// Whether this device said so.
    func knows(_ key: Fingerprint, _ device: IdentityID) async throws(StoreError) -> Bool
}

/// The signer's own view of the CA keys. Each verb may be repeated.
package protocol CAKeyring: Sendable {
    func caKeys() async throws(SignerError) -> [HeldCAKey]
    /// The prepared key of that authority, made where there is none, and the same sealed for other signers.
    func prepareKey(
        _ authority: CertificateAuthority
    ) async throws(SignerError) -> (key: PublicKey, sealed: [UInt8])
    /// Takes a key that another signer sealed.
    func adoptKey(_ authority: CertificateAuthority, sealed: [UInt8]) async throws(SignerError)
    /// Signs by this key from now on.
    func promoteKey(_ authority: CertificateAuthority, _ key: PublicKey) async throws(SignerError)
    /// Destroys the private half.
    func retireKey(_ authority: CertificateAuthority, _ key: PublicKey) async throws(SignerError)
}

/// A CA key as a signer holds it; the private halves of retired ones are gone.
package struct HeldCAKey: Hashable, Sendable {
    package let authority: CertificateAuthority
    package let publicKey: PublicKey
    package let state: CAKeyState

    package init(authority: CertificateAuthority, publicKey: PublicKey, state: CAKeyState) {
        self.authority = authority
        self.publicKey = publicKey
        self.state = state
    }
}
