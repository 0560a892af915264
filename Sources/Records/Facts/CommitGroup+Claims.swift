import Authority
import SSHFormats

extension CommitGroup {
    /// Takes a claim for this reply, in place of one that ran out.
    func take(_ claim: IdempotencyClaim, reply: [UInt8], _ receipt: Receipt) throws(StoreError) {
        countClaim()
        presence.claims.add(claim.scopeHash, at: now)
        let taken = try session.run(
            """
            INSERT INTO claim (scope_hash, body_hash, reply, idx, tree_size, not_after) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (scope_hash) DO UPDATE SET body_hash = excluded.body_hash, reply = excluded.reply,
                idx = excluded.idx, tree_size = excluded.tree_size, not_after = excluded.not_after
            WHERE claim.not_after < ?
            """,
            [
                .bytes(claim.scopeHash), .bytes(claim.bodyHash), .bytes(reply),
                receipt.index.map { .count($0) } ?? .null, receipt.treeSize.map { .count($0) } ?? .null,
                .time(claim.notAfter), .time(now),
            ], usually: 1)
        guard taken == 0 else { return }
        guard let reply = try RememberedReply.find(claim.scopeHash, at: now, session) else {
            throw .unreadable("a claim that is taken and absent")
        }
        throw .conflict(.claimed(reply))
    }

    /// Deletes claims that ran out, the oldest first, at most so many.
    func purgeClaims(_ limit: Int) throws(StoreError) {
        try session.send(
            """
            DELETE FROM claim WHERE scope_hash IN
                (SELECT scope_hash FROM claim WHERE not_after < ? ORDER BY not_after LIMIT ?)
            """,
            [.time(now), .integer(Int64(limit))])
    }
}

extension RememberedReply {
    static func find(
        _ scopeHash: [UInt8], at now: UnixTime, _ session: any SQLSession
    ) throws(StoreError) -> RememberedReply? {
        let row = try session.row(
            "SELECT body_hash, reply, idx, tree_size FROM claim WHERE scope_hash = ? AND not_after >= ?",
            [.bytes(scopeHash), .time(now)])
        guard let row else { return nil }
        return RememberedReply(
            bodyHash: try row.bytes(0), reply: try row.bytes(1),
            receipt: Receipt(
                index: try row.optional(2) { (row, column) throws(StoreError) in try row.count(column) },
                treeSize: try row.optional(3) { (row, column) throws(StoreError) in try row.count(column) }))
    }
}
