extension Schema {
    /// What each host said last that it has in force.
    @Sendable static func acknowledgements(_ dialect: SQLDialect) -> [String] {
        let (text, clustered) = (dialect.text, dialect.clustered)
        return [
            """
            CREATE TABLE host_acknowledgement (
                host \(text) PRIMARY KEY REFERENCES identity (id), epoch BIGINT NOT NULL, version BIGINT NOT NULL,
                issued_at BIGINT NOT NULL, enforced BIGINT NOT NULL, faults TEXT NOT NULL, since BIGINT NOT NULL,
                said_at BIGINT NOT NULL)\(clustered)
            """
        ]
    }
}
