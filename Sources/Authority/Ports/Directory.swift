package import Names
package import SSHFormats

/// Who and what is known. Reads see everything recorded before; decisions never read a replica.
package protocol Directory: Sendable {
    func identity(_ id: IdentityID) async throws(StoreError) -> Identity?
    /// In order of name, those after `after`, at most `limit`.
    func identities(
        _ kind: IdentityKind, after: Name?, limit: Int
    ) async throws(StoreError) -> [Identity]
    /// The hosts that answer to a name, an alias, an address or a shared name: those that are not retired, or else those
    /// that are.
    func hosts(knownAs text: String) async throws(StoreError) -> [Identity]
    func key(_ fingerprint: Fingerprint) async throws(StoreError) -> RegisteredKey?
    /// The states that a key came into, in their order; each with its moment, since changes are written down.
    func keyStates(of fingerprint: Fingerprint) async throws(StoreError) -> [KeyStateChange]
    func keys(of identity: IdentityID) async throws(StoreError) -> [RegisteredKey]
    /// The session with this token's hash, its identity and its device, in one read: the hot path.
    func session(tokenHash: [UInt8]) async throws(StoreError) -> SessionFound?
}

package struct SessionFound: Hashable, Sendable {
    package let session: Session
    package let identity: Identity
    package let device: Identity?

    package init(session: Session, identity: Identity, device: Identity?) {
        self.session = session
        self.identity = identity
        self.device = device
    }
}
