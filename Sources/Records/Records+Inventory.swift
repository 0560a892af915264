package import Authority
package import Names
package import SSHFormats

extension Records: Inventory {
    package func keys(_ query: KeyQuery) async throws(StoreError) -> [KeyFound] {
        let (conditions, values) = query.conditions
        return try await scans.perform { session throws(StoreError) in
            try session.rows(
                """
                SELECT \(RegisteredKey.columns("k")), i.owner, (SELECT s.fingerprint FROM registered_key s
                    WHERE s.predecessor = k.fingerprint ORDER BY s.created_at DESC LIMIT 1)
                FROM registered_key k JOIN identity i ON i.id = k.identity
                \(conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND "))
                ORDER BY k.fingerprint LIMIT ?
                """,
                values + [.integer(Int64(query.limit))]
            ).map { (row) throws(StoreError) in try KeyFound(row) }
        }
    }

    package func devices(of owner: IdentityID) async throws(StoreError) -> [Identity] {
        try await scans.perform { session throws(StoreError) in
            try session.rows(
                """
                SELECT \(Identity.columns("identity")) FROM identity
                WHERE owner = ? AND kind = 'device' ORDER BY name
                """,
                [.id(owner)]
            ).map { (row) throws(StoreError) in try Identity(row) }
        }
    }

    package func sessions(
        of identity: IdentityID, startedAfter: UnixTime, limit: Int
    ) async throws(StoreError) -> [Session] {
        try await scans.perform { session throws(StoreError) in
            try session.rows(
                """
                SELECT \(Session.columns) FROM session s
                WHERE s.identity = ? AND s.ended_at IS NULL AND s.started_at > ?
                ORDER BY s.started_at DESC, s.id LIMIT ?
                """,
                [.id(identity), .time(startedAfter), .integer(Int64(limit))]
            ).map { (row) throws(StoreError) in try Session(row) }
        }
    }

    package func notices(of identity: IdentityID) async throws(StoreError) -> [Notice] {
        try await points.perform { session throws(StoreError) in
            try session.rows(
                "SELECT kind, noticed_at, source FROM notice WHERE identity = ?", [.id(identity)]
            ).map { (row) throws(StoreError) in
                Notice(try row.one(Notice.Kind.self, 0), at: try row.time(1), source: try row.text(2))
            }
        }
    }

    package func session(id: String) async throws(StoreError) -> Session? {
        try await points.perform { session throws(StoreError) in
            let row = try session.row("SELECT \(Session.columns) FROM session s WHERE s.id = ?", [.text(id)])
            return try row.map { (row) throws(StoreError) in try Session(row) }
        }
    }
}

extension Records: PendingSignIns {
    package func pendingSignIn(id: String) async throws(StoreError) -> PendingSignIn? {
        try await points.perform { session throws(StoreError) in
            let row = try session.row(
                "SELECT \(PendingSignIn.columns) FROM pending_sign_in WHERE id = ?", [.text(id)])
            return try row.map { (row) throws(StoreError) in try PendingSignIn(row) }
        }
    }

    package func pendingSignIns(
        of identity: IdentityID, after: UnixTime
    ) async throws(StoreError) -> [PendingSignIn] {
        try await points.perform { session throws(StoreError) in
            try session.rows(
                """
                SELECT \(PendingSignIn.columns) FROM pending_sign_in
                WHERE identity = ? AND asked_at > ? ORDER BY asked_at, id LIMIT 100
                """,
                [.id(identity), .time(after)]
            ).map { (row) throws(StoreError) in try PendingSignIn(row) }
        }
    }
}

extension Records: BrowserSignIns {
    package func browserSignIn(id: String) async throws(StoreError) -> BrowserSignIn? {
        try await browserSignIn("id = ?", .text(id))
    }

    package func browserSignIn(state: [UInt8]) async throws(StoreError) -> BrowserSignIn? {
        try await browserSignIn("state = ?", .bytes(state))
    }

    private func browserSignIn(
        _ condition: String, _ value: SQLValue
    ) async throws(StoreError) -> BrowserSignIn? {
        try await points.perform { session throws(StoreError) in
            let row = try session.row(
                "SELECT \(BrowserSignIn.columns) FROM browser_sign_in WHERE \(condition)", [value])
            return try row.map { (row) throws(StoreError) in try BrowserSignIn(row) }
        }
    }
}

extension KeyFound {
    fileprivate init(_ row: SQLRow) throws(StoreError) {
        let next = RegisteredKey.columnCount
        self.init(
            key: try RegisteredKey(row),
            owner: try row.optional(next) { (row, column) throws(StoreError) in try row.id(column) },
            successor: try row.optional(next + 1) { (row, column) throws(StoreError) in
                try row.fingerprint(column)
            })
    }
}

extension KeyQuery {
    /// What must hold, with its values in the same order.
    fileprivate var conditions: ([String], [SQLValue]) {
        var conditions: [String] = []
        var values: [SQLValue] = []
        func add(_ condition: String, _ value: [SQLValue]?) {
            guard let value else { return }
            conditions.append(condition)
            values += value
        }
        add(
            "k.identity IN (SELECT id FROM identity WHERE id = ? OR owner = ?)",
            of.map { [.id($0), .id($0)] })
        add("k.fingerprint = ?", fingerprint.map { [.bytes($0.bytes)] })
        add("k.state = ?", state.map { [.text($0.rawValue)] })
        add("k.created_at <= ?", createdBefore.map { [.time($0)] })
        add("k.fingerprint > ?", after.map { [.bytes($0.bytes)] })
        return (conditions, values)
    }
}
