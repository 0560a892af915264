extension Schema {
    /// Sign-ins and requests that let somebody back in who has lost their factors.
    @Sendable static func recoveries(_ dialect: SQLDialect) -> [String] {
        [
            "ALTER TABLE pending_sign_in ADD COLUMN purpose TEXT NOT NULL DEFAULT 'sign-in'",
            "ALTER TABLE approval_request ADD COLUMN kind TEXT NOT NULL DEFAULT 'certificate'",
            "ALTER TABLE approval_request ADD COLUMN shown TEXT",
            "CREATE INDEX approval_request_by_source ON approval_request (source, kind, state)",
        ]
    }

    /// When somebody last said that a key goes on.
    @Sendable static func reauthorizations(_ dialect: SQLDialect) -> [String] {
        ["ALTER TABLE registered_key ADD COLUMN reauthorized_at BIGINT"]
    }
}
