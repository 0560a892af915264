package import Authority
import Names
import SSHFormats

extension Records: Approvals {
    package func approval(_ number: UInt64) async throws(StoreError) -> ApprovalFound? {
        try await scans.perform { session throws(StoreError) in
            try session.row(
                "SELECT \(ApprovalRequest.columns) FROM approval_request WHERE number = ?", [.count(number)]
            ).map { (row) throws(StoreError) in
                let request = try ApprovalRequest(row)
                return ApprovalFound(request: request, votes: try request.votes(session))
            }
        }
    }

    package func approvals(_ query: ApprovalQuery) async throws(StoreError) -> [ApprovalFound] {
        let (conditions, values) = query.conditions
        return try await scans.perform { session throws(StoreError) in
            try session.rows(
                """
                SELECT \(ApprovalRequest.columns) FROM approval_request
                \(conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND "))
                ORDER BY number DESC LIMIT ?
                """,
                values + [.integer(Int64(query.limit))]
            ).map { (row) throws(StoreError) in
                let request = try ApprovalRequest(row)
                return ApprovalFound(request: request, votes: try request.votes(session))
            }
        }
    }

    package func lastApproval() async throws(StoreError) -> UInt64 {
        try await points.perform { session throws(StoreError) in
            try session.row("SELECT coalesce(max(number), 0) FROM approval_request", [])?.count(0) ?? 0
        }
    }
}

extension ApprovalRequest {
    fileprivate func votes(_ session: any SQLSession) throws(StoreError) -> [ApprovalVote] {
        try session.rows(
            "SELECT \(ApprovalVote.columns) FROM approval_vote WHERE number = ? ORDER BY voted_at, person",
            [.count(number)]
        ).map { (row) throws(StoreError) in try ApprovalVote(row) }
    }
}

extension ApprovalQuery {
    /// What must hold, with its values in the same order.
    fileprivate var conditions: ([String], [SQLValue]) {
        var conditions: [String] = []
        var values: [SQLValue] = []
        func add(_ condition: String, _ value: SQLValue?) {
            guard let value else { return }
            conditions.append(condition)
            values.append(value)
        }
        if isLive { conditions.append("state IN ('open', 'approved')") }
        add("requester = ?", requester.map { .id($0) })
        add("wish = ?", wish.map { .bytes($0) })
        add("not_after <= ?", endedBy.map { .time($0) })
        add("number < ?", before.map { .count($0) })
        return (conditions, values)
    }
}
