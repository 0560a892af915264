import Authority
import Names
import SSHFormats

extension CommitGroup {
    func add(_ identity: Identity) throws(StoreError) {
        try require(
            .exists,
            """
            INSERT INTO identity
                (id, owner, status, login, aliases, addresses, labels, login_by, created_at, status_by, kind,
                name)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
            """,
            try identity.values() + [.text(identity.id.kind.rawValue), .text(identity.id.name.text)])
        try setAliases(of: identity)
    }

    func change(_ identity: Identity) throws(StoreError) {
        try require(
            .missing,
            """
            UPDATE identity SET status = ?, status_by = ?, login = ?, aliases = ?, addresses = ?, labels = ?,
                login_by = ?
            WHERE id = ?
            """,
            [.text(identity.status.rawValue), .id(identity.statusBy)] + (try identity.attributes.values())
                + [.id(identity.id)])
        guard identity.id.kind == .host else { return }
        try setAliases(of: identity)
        try moveHostState()
    }

    /// Of a retired host's names others may make use.
    private func setAliases(of identity: Identity) throws(StoreError) {
        guard identity.id.kind == .host else { return }
        try session.send("DELETE FROM host_alias WHERE identity = ?", [.id(identity.id)])
        for name in Set([identity.id.name.text] + identity.attributes.knownAs) {
            try session.send(
                "INSERT INTO host_alias (alias, identity) VALUES (?, ?)", [.text(name), .id(identity.id)])
        }
    }

    func register(_ key: RegisteredKey) throws(StoreError) {
        let fingerprint = SQLValue.bytes(key.publicKey.fingerprint.bytes)
        presence.keys.add(key.publicKey.fingerprint.bytes, at: now)
        let added = try session.run(
            """
            INSERT INTO registered_key (fingerprint, blob, identity, purpose, state, origin, created_at,
                predecessor, last_used_at, last_used_from, reauthorized_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (fingerprint) DO NOTHING
            """,
            [
                fingerprint, .bytes(key.publicKey.blob), .id(key.identity), .text(key.purpose.rawValue),
                .text(key.state.rawValue), .text(key.origin), .time(key.createdAt),
                .bytes(key.predecessor?.bytes), .time(key.lastUsedAt), .text(key.lastUsedFrom),
                .time(key.reauthorizedAt),
            ], usually: 1)
        guard added == 0 else { return try keep(key.state, of: fingerprint, since: key.createdAt) }
        let holder = try session.row(
            "SELECT identity FROM registered_key WHERE fingerprint = ?", [fingerprint])
        guard try holder?.id(0) == key.identity else { throw .conflict(.keyTaken) }
    }

    /// - Parameter moment: nil where nobody says when; then it is not written down.
    func change(_ fingerprint: Fingerprint, to state: KeyState, at moment: UnixTime?) throws(StoreError) {
        let key = SQLValue.bytes(fingerprint.bytes)
        try require(
            .missing, "UPDATE registered_key SET state = ? WHERE fingerprint = ?",
            [.text(state.rawValue), key])
        if let moment { try keep(state, of: key, since: moment) }
    }

    private func keep(_ state: KeyState, of key: SQLValue, since moment: UnixTime) throws(StoreError) {
        try session.send(
            """
            INSERT INTO key_state (fingerprint, position, state, since)
            VALUES (?, (SELECT coalesce(max(position), 0) + 1 FROM key_state WHERE fingerprint = ?), ?, ?)
            """,
            [key, key, .text(state.rawValue), .time(moment)])
    }

    func reauthorize(_ key: Fingerprint, at: UnixTime) throws(StoreError) {
        try require(
            .missing,
            "UPDATE registered_key SET reauthorized_at = ? WHERE fingerprint = ? AND state = 'active'",
            [.time(at), .bytes(key.bytes)])
    }

    func use(_ key: Fingerprint, at: UnixTime, from source: String) throws(StoreError) {
        try session.send(
            """
            UPDATE registered_key SET last_used_at = ?, last_used_from = ?
            WHERE fingerprint = ? AND (last_used_at IS NULL OR last_used_at < ?)
            """,
            [.time(at), .text(source), .bytes(key.bytes), .time(at)])
        try session.send(
            """
            INSERT INTO key_source (fingerprint, source, used_at)
            SELECT fingerprint, ?, ? FROM registered_key WHERE fingerprint = ?
            ON CONFLICT (fingerprint, source) DO UPDATE SET used_at = excluded.used_at
            WHERE key_source.used_at < excluded.used_at
            """,
            [.text(SourceNetwork.of(source)), .time(at), .bytes(key.bytes)])
        try session.send(
            "DELETE FROM key_source WHERE fingerprint = ? AND used_at < ?",
            [.bytes(key.bytes), .time(at.advanced(by: -3_600))])
    }

    func apply(_ policy: PolicyVersion) throws(StoreError) {
        guard policy.version > 0 else { throw .conflict(.versionMoved) }
        try session.lock("policy")
        try require(
            .versionMoved,
            """
            INSERT INTO policy (version, body, applied_by, applied_at, reason)
            SELECT ?, ?, ?, ?, ? WHERE (SELECT coalesce(max(version), 0) FROM policy) = ?
            """,
            [
                .count(policy.version), .text(policy.text), .id(policy.appliedBy), .time(policy.appliedAt),
                .text(policy.reason), .count(policy.version - 1),
            ])
        try session.notify("policy")
    }
}
