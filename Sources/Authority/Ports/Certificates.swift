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
    func isRevoked(key: Fingerprint) async throws(StoreError) -> Bool
    /// Counts every fact that changes what hosts must hold; grows by at least one with each.
    func hostStateVersion() async throws(StoreError) -> UInt64
}
