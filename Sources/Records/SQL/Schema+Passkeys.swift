extension Schema {
    /// Passkeys of persons, and what waits for one in a browser.
    @Sendable static func passkeys(_ dialect: SQLDialect) -> [String] {
        let (blob, text) = (dialect.blob, dialect.text)
        return [
            """
            CREATE TABLE passkey (
                id \(blob) PRIMARY KEY, identity \(text) NOT NULL REFERENCES identity (id), handle \(blob) NOT NULL,
                algorithm TEXT NOT NULL, public_key \(blob) NOT NULL, sign_count BIGINT NOT NULL,
                transports TEXT NOT NULL, backup_eligible BIGINT NOT NULL, backed_up BIGINT NOT NULL,
                name \(text) NOT NULL, created_at BIGINT NOT NULL, last_used_at BIGINT)
            """,
            "CREATE UNIQUE INDEX passkey_by_name ON passkey (identity, name)",
            """
            CREATE TABLE passkey_request (
                id \(text) PRIMARY KEY, token_hash \(blob) NOT NULL UNIQUE, purpose TEXT NOT NULL,
                number TEXT NOT NULL, challenge \(blob) NOT NULL, verification TEXT NOT NULL,
                bound_to \(blob) NOT NULL, source TEXT NOT NULL, asked_at BIGINT NOT NULL, state TEXT NOT NULL,
                registers_for \(text) REFERENCES identity (id), handle \(blob), name TEXT,
                proven \(text) REFERENCES identity (id), proof \(blob))
            """,
            "CREATE INDEX passkey_request_by_time ON passkey_request (asked_at)",
        ]
    }

    /// Security keys that are found by their ids alone, and whose of them may answer.
    @Sendable static func securityKeys(_ dialect: SQLDialect) -> [String] {
        [
            "ALTER TABLE passkey ADD COLUMN resident_key TEXT NOT NULL DEFAULT 'required'",
            "ALTER TABLE passkey_request ADD COLUMN resident_key TEXT NOT NULL DEFAULT 'required'",
            "ALTER TABLE passkey_request ADD COLUMN listed \(dialect.text) REFERENCES identity (id)",
        ]
    }
}
