extension Schema {
    /// Accounts at identity providers, and groups that others vouch for. `identity.directory_groups` is what all sources
    /// together say, kept by the transaction that changes it, so that nothing more is read for a request.
    @Sendable static func directories(_ dialect: SQLDialect) -> [String] {
        let (blob, text, clustered) = (dialect.blob, dialect.text, dialect.clustered)
        return [
            "ALTER TABLE identity ADD COLUMN directory_groups TEXT NOT NULL DEFAULT ''",
            """
            CREATE TABLE group_membership (
                identity \(text) NOT NULL REFERENCES identity (id), source \(text) NOT NULL, name \(text) NOT NULL,
                PRIMARY KEY (identity, source, name))\(clustered)
            """,
            """
            CREATE TABLE upstream_link (
                issuer \(text) NOT NULL, subject \(text) NOT NULL, identity \(text) NOT NULL REFERENCES identity (id),
                linked_at BIGINT NOT NULL, token \(blob), checked_at BIGINT, asked_at BIGINT,
                PRIMARY KEY (issuer, subject))\(clustered)
            """,
            "CREATE INDEX upstream_link_by_identity ON upstream_link (identity)",
        ]
    }
}
