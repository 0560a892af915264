package import Authority
package import Names
import SSHFormats

extension Records: Passkeys {
    package func passkeyRequest(tokenHash: [UInt8]) async throws(StoreError) -> PasskeyRequest? {
        try await request("token_hash = ?", .bytes(tokenHash))
    }

    package func passkeyRequest(id: String) async throws(StoreError) -> PasskeyRequest? {
        try await request("id = ?", .text(id))
    }

    package func passkey(id: [UInt8]) async throws(StoreError) -> Passkey? {
        try await points.perform { session throws(StoreError) in
            try session.row("SELECT \(Passkey.columns) FROM passkey WHERE id = ?", [.bytes(id)])
                .map { (row) throws(StoreError) in try Passkey(row) }
        }
    }

    package func passkeys(of person: IdentityID) async throws(StoreError) -> [Passkey] {
        try await points.perform { session throws(StoreError) in
            try session.rows(
                """
                SELECT \(Passkey.columns) FROM passkey WHERE identity = ?
                ORDER BY created_at, name LIMIT \(4 * Passkey.most)
                """,
                [.id(person)]
            ).map { (row) throws(StoreError) in try Passkey(row) }
        }
    }

    private func request(_ condition: String, _ value: SQLValue) async throws(StoreError) -> PasskeyRequest? {
        try await points.perform { session throws(StoreError) in
            try session.row(
                "SELECT \(PasskeyRequest.columns) FROM passkey_request WHERE \(condition)", [value]
            ).map { (row) throws(StoreError) in try PasskeyRequest(row) }
        }
    }
}
