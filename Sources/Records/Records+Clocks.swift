package import Authority
package import Names
package import SSHFormats

extension Records: Clocks {
    package func clock(of host: IdentityID) async throws(StoreError) -> HostClock? {
        try await points.perform { session throws(StoreError) in
            try session.row("SELECT host, ahead, seen_at FROM host_clock WHERE host = ?", [.id(host)])
                .map { (row) throws(StoreError) in try HostClock(row) }
        }
    }

    package func clocks(
        offBy seconds: UInt64, seenAfter time: UnixTime
    ) async throws(StoreError) -> [HostClock] {
        let most = Int64(clamping: seconds)
        return try await points.perform { session throws(StoreError) in
            try session.rows(
                "SELECT host, ahead, seen_at FROM host_clock WHERE (ahead > ? OR ahead < ?) AND seen_at > ?",
                [.integer(most), .integer(-most), .time(time)]
            ).map { (row) throws(StoreError) in try HostClock(row) }
        }
    }
}

extension HostClock {
    fileprivate init(_ row: SQLRow) throws(StoreError) {
        self.init(host: try row.id(0), ahead: try row.integer(1), at: try row.time(2))
    }
}

extension CommitGroup {
    /// Two servers may write at once; what was seen later stays.
    func keep(_ clock: HostClock) throws(StoreError) {
        try session.send(
            """
            INSERT INTO host_clock AS held (host, ahead, seen_at) VALUES (?, ?, ?)
            ON CONFLICT (host) DO UPDATE SET ahead = excluded.ahead, seen_at = excluded.seen_at
            WHERE held.seen_at <= excluded.seen_at
            """,
            [.id(clock.host), .integer(clock.ahead), .time(clock.at)])
    }
}

extension Schema {
    /// By how much the clock of each host is off.
    @Sendable static func clocks(_ dialect: SQLDialect) -> [String] {
        [
            """
            CREATE TABLE host_clock (
                host \(dialect.text) PRIMARY KEY REFERENCES identity (id), ahead BIGINT NOT NULL,
                seen_at BIGINT NOT NULL)\(dialect.clustered)
            """
        ]
    }
}
