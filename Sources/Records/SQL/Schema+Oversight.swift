extension Schema {
    /// When factors were set, and where keys were used from of late.
    @Sendable static func oversight(_ dialect: SQLDialect) -> [String] {
        [
            "ALTER TABLE factor_secret ADD COLUMN set_at BIGINT",
            """
            CREATE TABLE key_source (
                fingerprint \(dialect.blob) NOT NULL REFERENCES registered_key (fingerprint),
                source \(dialect.text) NOT NULL, used_at BIGINT NOT NULL,
                PRIMARY KEY (fingerprint, source))\(dialect.clustered)
            """,
        ]
    }
}
