package import Names
package import SSHFormats

/// What there is to look after: keys, devices, sessions.
package protocol Inventory: Sendable {
    /// In order of fingerprint.
    func keys(_ query: KeyQuery) async throws(StoreError) -> [KeyFound]
    /// Devices that this person owns, in order of name.
    func devices(of owner: IdentityID) async throws(StoreError) -> [Identity]
    /// Sessions of the identity that were not ended and began after then, the newest first.
    func sessions(
        of identity: IdentityID, startedAfter: UnixTime, limit: Int
    ) async throws(StoreError) -> [Session]
    /// By its public handle.
    func session(id: String) async throws(StoreError) -> Session?
    /// In no order, one of each kind.
    func notices(of identity: IdentityID) async throws(StoreError) -> [Notice]
}

/// Which keys are meant; everything that is said must hold.
package struct KeyQuery: Hashable, Sendable {
    /// Keys of this identity and of those that it owns; nil: of everybody.
    package var of: IdentityID?
    package var fingerprint: Fingerprint?
    package var state: KeyState?
    /// Registered then or before.
    package var createdBefore: UnixTime?
    /// Those behind this one.
    package var after: Fingerprint?
    package var limit: Int

    package init(
        of: IdentityID? = nil, fingerprint: Fingerprint? = nil, state: KeyState? = nil,
        createdBefore: UnixTime? = nil, after: Fingerprint? = nil, limit: Int = 500
    ) {
        self.of = of
        self.fingerprint = fingerprint
        self.state = state
        self.createdBefore = createdBefore
        self.after = after
        self.limit = limit
    }
}

/// A registered key with what else is known of it.
package struct KeyFound: Hashable, Sendable {
    package let key: RegisteredKey
    /// Who owns the identity that holds it.
    package let owner: IdentityID?
    /// The key that took its place.
    package let successor: Fingerprint?

    package init(key: RegisteredKey, owner: IdentityID?, successor: Fingerprint?) {
        self.key = key
        self.owner = owner
        self.successor = successor
    }
}
