package import Authority
import Names
import SSHFormats

extension Records: Acknowledgements {
    package func enforcement(of state: HostStateNumber) async throws(StoreError) -> Enforcement {
        try await scans.perform { session throws(StoreError) in
            let rows = try session.rows(
                """
                SELECT i.status, count(*), count(CASE WHEN \(Self.enforces) THEN 1 END),
                    CAST(coalesce(sum(CASE WHEN a.epoch = ? AND a.ended_version >= ? THEN a.ended ELSE 0 END), 0)
                        AS BIGINT)
                FROM identity i LEFT JOIN host_acknowledgement a ON a.host = i.id
                WHERE i.kind = 'host' AND i.status <> 'retired' AND \(Self.isEnrolled) GROUP BY i.status
                """,
                state.values + [.count(state.epoch), .count(state.version)])
            var found = Enforcement()
            for row in rows {
                let (hosts, enforcing) = (Int(try row.integer(1)), Int(try row.integer(2)))
                found.endedSessions += try row.count(3)
                switch try row.one(IdentityStatus.self, 0) {
                case .active: (found.hosts, found.enforcing) = (hosts, enforcing)
                case .suspended: found.suspended = hosts - enforcing
                case .retired: break
                }
            }
            return found
        }
    }

    package func hosts(_ query: HostQuery) async throws(StoreError) -> [HostFound] {
        let isMissing = "AND \(Self.isEnrolled) AND (a.host IS NULL OR NOT (\(Self.enforces)))"
        return try await scans.perform { session throws(StoreError) in
            try session.rows(
                """
                SELECT i.id, i.status, CASE WHEN \(Self.isEnrolled) THEN 1 ELSE 0 END, a.epoch, a.version, a.issued_at,
                    a.enforced, a.faults, a.said_at, a.since
                FROM identity i LEFT JOIN host_acknowledgement a ON a.host = i.id
                WHERE i.kind = 'host' AND i.status <> 'retired' AND i.name > ?
                    \(query.missing == nil ? "" : isMissing)
                ORDER BY i.name LIMIT ?
                """,
                [.text(query.after?.text ?? "")] + (query.missing?.values ?? [])
                    + [.integer(Int64(query.limit))]
            ).map { (row) throws(StoreError) in try HostFound(row) }
        }
    }

    /// Of `a`, with the values of ``HostStateNumber/values``.
    private static let enforces = """
        a.enforced = 1 AND (a.epoch > ? OR a.epoch = ? AND a.version >= ?)
        """

    /// Of `i`: an agent's key of it counts. Host keys are registered with an agent's alone.
    private static let isEnrolled = """
        EXISTS (SELECT 1 FROM registered_key k WHERE k.identity = i.id AND k.state = 'active')
        """
}

extension HostStateNumber {
    fileprivate var values: [SQLValue] { [.count(epoch), .count(epoch), .count(version)] }
}

extension HostFound {
    fileprivate init(_ row: SQLRow) throws(StoreError) {
        let id = try row.id(0)
        let (status, isEnrolled) = (try row.one(IdentityStatus.self, 1), try row.integer(2) == 1)
        guard try !row.isNull(3) else {
            self.init(id: id, status: status, isEnrolled: isEnrolled, acknowledged: nil, since: nil)
            return
        }
        let said = HostAcknowledgement(
            host: id, state: HostStateNumber(epoch: try row.count(3), version: try row.count(4)),
            issuedAt: try row.count(5), isEnforced: try row.integer(6) == 1,
            faults: try row.text(7).split(separator: " ").map(String.init), at: try row.time(8))
        self.init(
            id: id, status: status, isEnrolled: isEnrolled, acknowledged: said, since: try row.time(9))
    }
}
