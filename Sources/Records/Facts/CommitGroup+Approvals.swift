import Authority
import SSHFormats

extension CommitGroup {
    func ask(_ request: ApprovalRequest, most: Int) throws(StoreError) {
        let most = UInt64(max(most, 0))
        guard try live(request, "requester", .id(request.requester)) < most else { throw .conflict(.tooMany) }
        // Certificates are asked for by whoever is signed in; recoveries by anybody, from anywhere.
        if request.subject.kind == .recovery {
            guard try live(request, "source", .text(request.source)) < most else { throw .conflict(.tooMany) }
        }
        try require(
            .exists,
            """
            INSERT INTO approval_request (\(ApprovalRequest.columns))
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (number) DO NOTHING
            """,
            request.values)
    }

    /// How many of its kind wait that agree with it in this column.
    private func live(
        _ request: ApprovalRequest, _ column: String, _ value: SQLValue
    ) throws(StoreError) -> UInt64 {
        let row = try session.row(
            """
            SELECT count(*) FROM approval_request
            WHERE \(column) = ? AND kind = ? AND state IN ('open', 'approved') AND not_after > ?
            """,
            [value, .text(request.subject.kind.rawValue), .time(request.askedAt)])
        return try row?.count(0) ?? 0
    }

    func keep(_ vote: ApprovalVote, on number: UInt64) throws(StoreError) {
        let live = try session.row(
            """
            SELECT needed FROM approval_request
            WHERE number = ? AND state IN ('open', 'approved') AND not_after > ?
            """,
            [.count(number), .time(vote.at)])
        guard let needed = try live?.count(0) else { throw .conflict(.approvalGone) }
        try require(
            .exists,
            """
            INSERT INTO approval_vote (number, person, decision, reason, fingerprint, signature, voted_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (number, person) DO UPDATE SET decision = excluded.decision, reason = excluded.reason,
                fingerprint = excluded.fingerprint, signature = excluded.signature, voted_at = excluded.voted_at
            WHERE approval_vote.decision = 'approved' AND excluded.decision = 'denied'
            """,
            [.count(number)] + vote.values)
        guard vote.isApproval else { return try set(.denied, approval: number, at: vote.at) }
        let given = try session.row(
            "SELECT count(*) FROM approval_vote WHERE number = ? AND decision = 'approved'", [.count(number)])
        guard try given?.count(0) ?? 0 >= needed else { return }
        try session.send(
            "UPDATE approval_request SET state = 'approved' WHERE number = ?", [.count(number)])
    }

    func use(approval number: UInt64, at: UnixTime) throws(StoreError) {
        try require(
            .approvalGone,
            """
            UPDATE approval_request SET state = 'used', ended_at = ?
            WHERE number = ? AND state = 'approved' AND not_after > ?
            """,
            [.time(at), .count(number), .time(at)])
    }

    func end(approval number: UInt64, at: UnixTime) throws(StoreError) {
        try set(.expired, approval: number, at: at)
    }

    private func set(_ state: ApprovalState, approval number: UInt64, at: UnixTime) throws(StoreError) {
        try require(
            .approvalGone,
            """
            UPDATE approval_request SET state = ?, ended_at = ?
            WHERE number = ? AND state IN ('open', 'approved')
            """,
            [.text(state.rawValue), .time(at), .count(number)])
    }
}
