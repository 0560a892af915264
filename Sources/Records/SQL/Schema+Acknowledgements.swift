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

    /// Until when hosts are told to end the sessions that came by what is revoked; what each of them ended.
    @Sendable static func sessionOrders(_ dialect: SQLDialect) -> [String] {
        [
            "ALTER TABLE revoked_serial ADD COLUMN sessions_until BIGINT",
            "ALTER TABLE revoked_key ADD COLUMN sessions_until BIGINT",
            "CREATE INDEX revoked_serial_by_sessions ON revoked_serial (sessions_until)",
            "ALTER TABLE host_acknowledgement ADD COLUMN ended_version BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE host_acknowledgement ADD COLUMN ended BIGINT NOT NULL DEFAULT 0",
        ]
    }
}
