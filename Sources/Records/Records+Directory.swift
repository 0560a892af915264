package import Authority
package import Names
package import SSHFormats

extension Records: Directory {
    package func identity(_ id: IdentityID) async throws(StoreError) -> Identity? {
        try await points.perform { session throws(StoreError) in
            let row = try session.row(
                "SELECT \(Identity.columns("identity")) FROM identity WHERE id = ?", [.id(id)])
            return try row.map { (row) throws(StoreError) in try Identity(row) }
        }
    }

    package func identities(
        _ kind: IdentityKind, after: Name?, limit: Int
    ) async throws(StoreError) -> [Identity] {
        try await scans.perform { session throws(StoreError) in
            try session.rows(
                """
                SELECT \(Identity.columns("identity")) FROM identity
                WHERE kind = ? AND name > ? ORDER BY name LIMIT ?
                """,
                [.text(kind.rawValue), .text(after?.text ?? ""), .integer(Int64(limit))]
            ).map { (row) throws(StoreError) in try Identity(row) }
        }
    }

    package func hosts(knownAs text: String) async throws(StoreError) -> [Identity] {
        let answering = try await hosts.answer(to: text) { () throws(StoreError) -> [Identity]? in
            try await points.perform { session throws(StoreError) in
                let rows = try session.rows(Self.hostQuery, [.text(text)])
                let hosts = try rows.map { (row) throws(StoreError) in try Identity(row) }
                let living = hosts.filter { $0.status != .retired }
                guard !hosts.isEmpty else { return nil }
                return living.isEmpty ? hosts : living
            }
        }
        return answering ?? []
    }

    package func key(_ fingerprint: Fingerprint) async throws(StoreError) -> RegisteredKey? {
        try await points.perform { session throws(StoreError) in
            let row = try session.row(
                "SELECT \(RegisteredKey.columns("registered_key")) FROM registered_key WHERE fingerprint = ?",
                [.bytes(fingerprint.bytes)])
            return try row.map { (row) throws(StoreError) in try RegisteredKey(row) }
        }
    }

    package func keyStates(of fingerprint: Fingerprint) async throws(StoreError) -> [KeyStateChange] {
        try await points.perform { session throws(StoreError) in
            try session.rows(
                "SELECT state, since FROM key_state WHERE fingerprint = ? ORDER BY position",
                [.bytes(fingerprint.bytes)]
            ).map { (row) throws(StoreError) in
                KeyStateChange(try row.one(KeyState.self, 0), since: try row.time(1))
            }
        }
    }

    package func keys(of identity: IdentityID) async throws(StoreError) -> [RegisteredKey] {
        try await points.perform { session throws(StoreError) in
            try session.rows(
                """
                SELECT \(RegisteredKey.columns("registered_key")) FROM registered_key WHERE identity = ?
                ORDER BY created_at, fingerprint
                """,
                [.id(identity)]
            ).map { (row) throws(StoreError) in try RegisteredKey(row) }
        }
    }

    package func session(tokenHash: [UInt8]) async throws(StoreError) -> SessionFound? {
        try await sessions.answer(to: tokenHash) { () throws(StoreError) in
            try await points.perform { session throws(StoreError) in
                guard let row = try session.row(Self.sessionQuery, [.bytes(tokenHash)]) else { return nil }
                let device = Session.columnCount + Identity.columnCount
                return SessionFound(
                    session: try Session(row),
                    identity: try Identity(row, from: Session.columnCount),
                    device: try row.isNull(device) ? nil : try Identity(row, from: device))
            }
        }
    }

    private static let hostQuery = """
        SELECT \(Identity.columns("i")) FROM host_alias a JOIN identity i ON i.id = a.identity
        WHERE a.alias = ? ORDER BY i.name
        """

    private static let sessionQuery = """
        SELECT \(Session.columns), \(Identity.columns("i")), \(Identity.columns("d"))
        FROM session s JOIN identity i ON i.id = s.identity LEFT JOIN identity d ON d.id = s.device
        WHERE s.token_hash = ?
        """
}
