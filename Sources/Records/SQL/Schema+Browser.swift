extension Schema {
    /// Sign-ins that wait for a browser.
    @Sendable static func browserSignIns(_ dialect: SQLDialect) -> [String] {
        let (blob, text) = (dialect.blob, dialect.text)
        return [
            """
            CREATE TABLE browser_sign_in (
                id \(text) PRIMARY KEY, code TEXT NOT NULL, provider TEXT NOT NULL, bound_to \(blob) NOT NULL,
                source TEXT NOT NULL, network \(text) NOT NULL, client TEXT NOT NULL, asked_at BIGINT NOT NULL,
                not_after BIGINT NOT NULL, turn BIGINT NOT NULL, tries BIGINT NOT NULL, browser \(blob),
                state \(blob), attempt \(blob), decision TEXT, arrival \(blob))
            """,
            "CREATE INDEX browser_sign_in_by_end ON browser_sign_in (not_after)",
            "CREATE INDEX browser_sign_in_by_network ON browser_sign_in (network, not_after)",
            "CREATE UNIQUE INDEX browser_sign_in_by_state ON browser_sign_in (state)",
        ]
    }
}
