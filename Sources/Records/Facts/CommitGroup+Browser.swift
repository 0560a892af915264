import Authority
import SSHFormats

extension CommitGroup {
    func keep(_ asked: BrowserSignIn, most: Int) throws(StoreError) {
        try session.send(
            "DELETE FROM browser_sign_in WHERE not_after < ?", [.time(asked.askedAt.advanced(by: -3_600))])
        let network = SourceNetwork.of(asked.source)
        guard
            try waiting(at: asked.askedAt, " AND network = ?", [.text(network)], most),
            try waiting(at: asked.askedAt, "", [], 10 * most)
        else { throw .conflict(.tooMany) }
        try require(
            .exists,
            """
            INSERT INTO browser_sign_in (\(BrowserSignIn.columns), network)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
            """, asked.values + [.text(network)])
    }

    func move(_ moved: BrowserSignIn) throws(StoreError) {
        try require(
            .stepUsed,
            """
            UPDATE browser_sign_in SET turn = ?, tries = ?, browser = ?, state = ?, attempt = ?, decision = ?,
                arrival = ?
            WHERE id = ? AND turn = ?
            """,
            [
                .count(moved.turn), .count(moved.tries), .bytes(moved.browser), .bytes(moved.state),
                .bytes(moved.attempt), .text(moved.decision?.rawValue), .bytes(moved.arrival),
                .text(moved.id),
                .integer(Int64(clamping: moved.turn) - 1),
            ])
    }

    /// Whether fewer than so many wait.
    private func waiting(
        at now: UnixTime, _ condition: String, _ values: [SQLValue], _ most: Int
    ) throws(StoreError) -> Bool {
        let row = try session.row(
            """
            SELECT count(*) FROM (SELECT 1 FROM browser_sign_in
                WHERE not_after > ? AND decision IS NULL\(condition) LIMIT ?) AS w
            """, [.time(now)] + values + [.integer(Int64(most))])
        return try row.map { (row) throws(StoreError) in try row.integer(0) } ?? 0 < Int64(most)
    }
}
