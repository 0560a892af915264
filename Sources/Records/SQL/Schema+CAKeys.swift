extension Schema {
    /// Keys that sign certificates, whom a rotation need not wait for, and devices that know a host CA key.
    @Sendable static func caKeys(_ dialect: SQLDialect) -> [String] {
        let (blob, text, clustered) = (dialect.blob, dialect.text, dialect.clustered)
        return [
            """
            CREATE TABLE ca_key (
                position \(dialect.key) PRIMARY KEY, authority TEXT NOT NULL, fingerprint \(blob) NOT NULL UNIQUE,
                public_key \(blob) NOT NULL, state TEXT NOT NULL, since BIGINT NOT NULL, sealed \(blob) NOT NULL,
                epoch BIGINT NOT NULL, version BIGINT NOT NULL, last_expiry BIGINT, is_stolen BIGINT NOT NULL)
            """,
            """
            CREATE TABLE ca_waiver (
                fingerprint \(blob) NOT NULL REFERENCES ca_key (fingerprint),
                holder \(text) NOT NULL REFERENCES identity (id), made_by \(text) NOT NULL, made_at BIGINT NOT NULL,
                PRIMARY KEY (fingerprint, holder))\(clustered)
            """,
            """
            CREATE TABLE ca_known (
                fingerprint \(blob) NOT NULL REFERENCES ca_key (fingerprint),
                device \(text) NOT NULL REFERENCES identity (id), known_at BIGINT NOT NULL,
                PRIMARY KEY (fingerprint, device))\(clustered)
            """,
        ]
    }
}
