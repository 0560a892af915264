package import Names
package import SSHFormats

/// Shows the keys of identities: one's own to everybody, all to auditors.
package struct KeyDesk: Sendable {
    package static let longestPage = 500

    let directory: any Directory
    let inventory: any Inventory
    let policies: PolicyDesk
    let recorder: Recorder

    /// Whose keys are asked for.
    package enum Whose: Hashable, Sendable {
        case own
        /// Of this identity, and of those that it owns.
        case identity(IdentityID)
        case everybody
    }

    /// In order of fingerprint, at most 500.
    package func list(
        _ whose: Whose, _ query: KeyQuery, by requester: Requester
    ) async throws(AuthorityError) -> [KeyFound] {
        var query = query
        query.limit = min(max(query.limit, 1), KeyDesk.longestPage)
        switch whose {
        case .own: query.of = requester.identity.id
        case .everybody:
            query.of = nil
            try await policies.read(.auditor, requester, on: "all keys")
        case .identity(let id):
            query.of = id
            if try await !isOwn(id, requester) {
                try await policies.read(.auditor, requester, on: "keys of \(id)")
            }
        }
        do { return try await inventory.keys(query) } catch { throw .store(error) }
    }

    /// One key.
    ///
    /// - Throws: `.refused(.notFound)` to strangers, whether there is such a key or not.
    package func show(
        _ fingerprint: Fingerprint, by requester: Requester
    ) async throws(AuthorityError) -> KeyFound {
        let found: KeyFound?
        do { found = try await inventory.keys(KeyQuery(fingerprint: fingerprint, limit: 1)).first } catch {
            throw .store(error)
        }
        if let found, [found.key.identity, found.owner].contains(requester.identity.id) { return found }
        try await policies.readOne(.auditor, requester, on: fingerprint.description, exists: found != nil)
        guard let found else { throw .refused(.notFound, fingerprint.description) }
        return found
    }

    /// Starts the clock of a key anew: its holder, or who answers for the holder, knows it and goes on with it. Needs a
    /// second factor of the last 15 minutes; others' keys an admin's role.
    ///
    /// - Throws: `.refused(.notFound)` to strangers, whether there is such a key or not; `.refused(.stateChange)` for one that
    ///   is not in use.
    package func reauthorize(
        _ fingerprint: Fingerprint, reason: String?, by requester: Requester, once: Once<KeyFound>
    ) async throws(AuthorityError) -> Outcome<KeyFound> {
        let now = recorder.world.now()
        let event = Event(
            .keyReauthorized, by: requester, on: fingerprint.description, at: now,
            details: reason.map { ["reason": .text($0)] } ?? [:])
        let found: KeyFound?
        do { found = try await inventory.keys(KeyQuery(fingerprint: fingerprint, limit: 1)).first } catch {
            throw .store(error)
        }
        if let found, [found.key.identity, found.owner].contains(requester.identity.id) {
            try await policies.requireFresh(requester, event, except: [.recovery])
        } else {
            try await policies.authorizeOne(.admin, requester, event)
        }
        guard let found else {
            throw await recorder.deny(Refused(.notFound, fingerprint.description), event)
        }
        guard found.key.state == .active else {
            throw await recorder.deny(
                Refused(.stateChange, "\(fingerprint) is \(found.key.state.rawValue)"), event)
        }
        var key = found.key
        key.reauthorizedAt = now
        return try await recorder.record(
            [.keyReauthorized(fingerprint, at: now)], event,
            KeyFound(key: key, owner: found.owner, successor: found.successor), once: once)
    }

    private func isOwn(_ id: IdentityID, _ requester: Requester) async throws(AuthorityError) -> Bool {
        guard id != requester.identity.id else { return true }
        do { return try await directory.identity(id)?.owner == requester.identity.id } catch {
            throw .store(error)
        }
    }
}

extension Directory {
    /// The changes that bring all keys of an identity to a state, as far as each may go there.
    func keyChanges(of id: IdentityID, to state: KeyState) async throws(AuthorityError) -> [Fact] {
        let held: [RegisteredKey]
        do { held = try await keys(of: id) } catch { throw .store(error) }
        return held.filter { $0.state.mayBecome(state) }.map { .keyChanged($0.publicKey.fingerprint, state) }
    }
}

extension IdentityStatus {
    /// What becomes of the keys of a device in this status.
    var keyState: KeyState {
        switch self {
        case .active: .active
        case .suspended: .suspended
        case .retired: .deactivated
        }
    }
}
