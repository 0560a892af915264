package import Names
package import SSHFormats

/// What was issued and what of it is revoked.
package protocol Certificates: Sendable {
    func certificate(
        _ authority: CertificateAuthority, serial: UInt64
    ) async throws(StoreError) -> IssuedCertificate?
    /// Newest first.
    func certificates(of identity: IdentityID, limit: Int) async throws(StoreError) -> [IssuedCertificate]
    /// Dense serials, from 1, never given twice. A block left open by a process that died is closed by the next
    /// call of the same node: its unrecorded serials count as revoked from then on.
    func reserveSerials(node: String, count: UInt64) async throws(StoreError) -> ClosedRange<UInt64>
    func revoked(_ authority: CertificateAuthority, at now: UnixTime) async throws(StoreError) -> RevokedNow
    /// What of it hosts shall end the live sessions of; serials of all authorities of users.
    func endingSessions(at now: UnixTime) async throws(StoreError) -> RevokedNow
    /// What there is against certifying a key, in one read.
    func standing(of key: Fingerprint) async throws(StoreError) -> KeyStanding
    /// Counts every fact that changes what hosts must hold; grows by at least one with each.
    func hostStateVersion() async throws(StoreError) -> UInt64
}

/// What is known of a public key.
package struct KeyStanding: Hashable, Sendable {
    package let isRevoked: Bool
    /// The identity that it is registered to, for ever.
    package let holder: IdentityID?
    /// Who owns that identity.
    package let owner: IdentityID?

    package init(isRevoked: Bool = false, holder: IdentityID? = nil, owner: IdentityID? = nil) {
        self.isRevoked = isRevoked
        self.holder = holder
        self.owner = owner
    }

    /// Whether the person may have it certified as their own: it is nobody's, theirs, or one of their devices'. A host
    /// has an owner too, and its key is never a person's.
    func isFree(for person: IdentityID) -> Bool {
        guard let holder else { return true }
        return holder == person || holder.kind == .device && owner == person
    }
}
