package import Authority
package import Names
package import SSHFormats

extension InMemoryStore: Inventory {
    package func keys(_ query: KeyQuery) -> [KeyFound] {
        let all = contents.keys.sorted {
            $0.publicKey.fingerprint.bytes.lexicographicallyPrecedes($1.publicKey.fingerprint.bytes)
        }
        let found = all.filter { key in
            let owner = identity(key.identity)?.owner
            let fingerprint = key.publicKey.fingerprint
            return (query.of.map { $0 == key.identity || $0 == owner } ?? true)
                && (query.fingerprint.map { $0 == fingerprint } ?? true)
                && (query.state.map { $0 == key.state } ?? true)
                && (query.createdBefore.map { key.createdAt <= $0 } ?? true)
                && (query.after.map { $0.bytes.lexicographicallyPrecedes(fingerprint.bytes) } ?? true)
        }
        return found.prefix(query.limit).map { key in
            let successors = contents.keys.filter { $0.predecessor == key.publicKey.fingerprint }
            return KeyFound(
                key: key, owner: identity(key.identity)?.owner,
                successor: successors.max { $0.createdAt < $1.createdAt }?.publicKey.fingerprint)
        }
    }

    package func devices(of owner: IdentityID) -> [Identity] {
        contents.identities.filter { $0.owner == owner && $0.id.kind == .device }
            .sorted { $0.id.name < $1.id.name }
    }

    package func sessions(of identity: IdentityID, startedAfter: UnixTime, limit: Int) -> [Session] {
        let found = contents.sessions.map(\.session).filter {
            $0.identity == identity && $0.endedAt == nil && $0.startedAt > startedAfter
        }.sorted { first, second in
            guard first.startedAt == second.startedAt else { return first.startedAt > second.startedAt }
            return Array(first.id.utf8).lexicographicallyPrecedes(Array(second.id.utf8))
        }
        return Array(found.prefix(limit))
    }

    package func notices(of identity: IdentityID) -> [Notice] {
        Array((contents.notices[identity] ?? [:]).values)
    }

    package func session(id: String) -> Session? { contents.sessions.first { $0.session.id == id }?.session }
}

extension InMemoryStore: PendingSignIns {
    package func pendingSignIn(id: String) throws(StoreError) -> PendingSignIn? {
        contents.pending.first { $0.id == id }
    }

    package func pendingSignIns(
        of identity: IdentityID, after: UnixTime
    ) throws(StoreError) -> [PendingSignIn] {
        contents.pending.filter { $0.identity == identity && $0.askedAt > after }
            .sorted { ($0.askedAt, $0.id) < ($1.askedAt, $1.id) }
    }
}
