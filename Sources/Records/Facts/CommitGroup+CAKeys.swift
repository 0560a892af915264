import Authority
import SSHFormats

extension CommitGroup {
    func apply(_ fact: CAFact) throws(StoreError) {
        switch fact {
        case .first(let key): try begin(key)
        case .prepared(let key): try prepare(key)
        case .signing(let authority, let key, let at, let end): try sign(authority, key, at: at, end: end)
        case .retired(let authority, let key, let at, let isStolen):
            try retire(authority, key, at: at, isStolen: isStolen)
        case .waived(let waiver): try waive(waiver)
        case .held(let key, let device, let at):
            try session.send(
                """
                INSERT INTO ca_known (fingerprint, device, known_at) SELECT ?, ?, ?
                WHERE EXISTS (SELECT 1 FROM ca_key WHERE fingerprint = ?)
                ON CONFLICT (fingerprint, device) DO NOTHING
                """,
                [.bytes(key.bytes), .id(device), .time(at), .bytes(key.bytes)])
        }
    }

    private func begin(_ key: CAKey) throws(StoreError) {
        let found = try session.row(
            "SELECT count(*) FROM ca_key WHERE authority = ?", [.text(key.authority.rawValue)])
        guard try found?.count(0) == 0 else { return }
        try insert(key)
    }

    private func prepare(_ key: CAKey) throws(StoreError) {
        let found = try session.row(
            """
            SELECT count(*) FROM ca_key WHERE fingerprint = ? OR authority = ? AND state = 'prepared'
            """,
            [.bytes(key.publicKey.fingerprint.bytes), .text(key.authority.rawValue)])
        guard try found?.count(0) == 0 else { throw .conflict(.exists) }
        var key = key
        key.carried = try nextHostState()
        try insert(key)
    }

    private func insert(_ key: CAKey) throws(StoreError) {
        try session.send(
            """
            INSERT INTO ca_key (\(CAKey.columns))
            SELECT coalesce(max(position), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM ca_key
            """,
            key.values)
    }

    /// No certificate of the former key is recorded after this one (``issue(_:)``), so its last expiry is known.
    private func sign(
        _ authority: CertificateAuthority, _ key: Fingerprint, at: UnixTime, end: UnixTime?
    ) throws(StoreError) {
        let carried = try nextHostState()
        let last = try session.row(
            "SELECT valid_before FROM certificate WHERE authority = ? ORDER BY valid_before DESC LIMIT 1",
            [.text(authority.rawValue)])
        let expiry = max(try last?.time(0) ?? at, end ?? at)
        try session.send(
            """
            UPDATE ca_key SET state = 'retiring', since = ?, epoch = ?, version = ?, last_expiry = ?
            WHERE authority = ? AND state = 'signing' AND fingerprint <> ?
            """,
            [
                .time(at), .count(carried.epoch), .count(carried.version), .time(expiry),
                .text(authority.rawValue), .bytes(key.bytes),
            ])
        try require(
            .caKeyMoved,
            """
            UPDATE ca_key SET state = 'signing', since = ?, epoch = ?, version = ?
            WHERE authority = ? AND fingerprint = ? AND state = 'prepared'
            """,
            [
                .time(at), .count(carried.epoch), .count(carried.version), .text(authority.rawValue),
                .bytes(key.bytes),
            ])
    }

    private func retire(
        _ authority: CertificateAuthority, _ key: Fingerprint, at: UnixTime, isStolen: Bool
    ) throws(StoreError) {
        let carried = try nextHostState()
        try require(
            .caKeyMoved,
            """
            UPDATE ca_key SET state = 'retired', since = ?, epoch = ?, version = ?, sealed = ?, is_stolen = ?
            WHERE authority = ? AND fingerprint = ? AND state IN ('prepared', 'retiring')
            """,
            [
                .time(at), .count(carried.epoch), .count(carried.version), .bytes([]),
                .integer(isStolen ? 1 : 0), .text(authority.rawValue), .bytes(key.bytes),
            ])
    }

    private func waive(_ waiver: CAWaiver) throws(StoreError) {
        try require(
            .caKeyMoved,
            """
            INSERT INTO ca_waiver (fingerprint, holder, made_by, made_at) SELECT ?, ?, ?, ?
            WHERE EXISTS (SELECT 1 FROM ca_key WHERE fingerprint = ? AND state = 'prepared')
            ON CONFLICT (fingerprint, holder) DO UPDATE SET made_by = excluded.made_by, made_at = excluded.made_at
            """,
            [
                .bytes(waiver.key.bytes), .id(waiver.holder), .id(waiver.by), .time(waiver.at),
                .bytes(waiver.key.bytes),
            ])
    }

    /// The state of every host is due again; this is the one that it will be.
    private func nextHostState() throws(StoreError) -> HostStateNumber {
        try moveHostState()
        let row = try session.row(
            """
            SELECT (SELECT epoch FROM keepsake WHERE id = 1), (SELECT value FROM counter WHERE name = 'hostState')
            """, [])
        guard let row else { throw .unreadable("no host state") }
        return HostStateNumber(epoch: try row.count(0), version: try row.count(1))
    }
}
