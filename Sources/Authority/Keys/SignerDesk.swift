package import SSHFormats

/// A state that a key came into, and when.
package struct KeyStateChange: Hashable, Sendable {
    package let state: KeyState
    /// nil where it was not written down.
    package let since: UnixTime?

    package init(_ state: KeyState, since: UnixTime?) {
        self.state = state
        self.since = since
    }
}

/// Whose key something was signed with, and what became of the key.
package struct SignerFound: Hashable, Sendable {
    package let key: RegisteredKey
    package let identity: Identity
    package let owner: Identity?
    /// In their order, from the registration on; the last one is the state now.
    package let states: [KeyStateChange]
}

/// Says whose a key is to everybody who is signed in: who holds a signature knows the key already, and a signature that
/// one cannot ask about is worth nothing.
package struct SignerDesk: Sendable {
    let directory: any Directory

    /// - Throws: `.refused(.notFound)` for a key that is not registered.
    package func signer(_ fingerprint: Fingerprint) async throws(AuthorityError) -> SignerFound {
        let found: SignerFound?
        do throws(StoreError) { found = try await held(fingerprint) } catch { throw .store(error) }
        guard let found else { throw .refused(.notFound, fingerprint.description) }
        return found
    }

    private func held(_ fingerprint: Fingerprint) async throws(StoreError) -> SignerFound? {
        guard let key = try await directory.key(fingerprint),
            let identity = try await directory.identity(key.identity)
        else { return nil }
        var owner: Identity?
        if let id = identity.owner { owner = try await directory.identity(id) }
        var states = try await directory.keyStates(of: fingerprint)
        if states.last?.state != key.state { states.append(KeyStateChange(key.state, since: nil)) }
        return SignerFound(key: key, identity: identity, owner: owner, states: states)
    }
}
