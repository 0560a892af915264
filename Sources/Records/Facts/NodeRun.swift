import Authority

/// One life of a process that holds blocks of serials, where there are several: a row with a beat that it moves.
struct NodeRun: Hashable, Sendable {
    let run: String
    let beat: UInt64

    /// The row comes with the first block, and again with the first after it was taken for gone. Rows of earlier lives
    /// of the node go: their blocks end now.
    static func begin(_ group: CommitGroup, node: String, run: String) throws(StoreError) {
        try group.session.send(
            """
            INSERT INTO node_run (run, node, beat) VALUES (?, ?, 1)
            ON CONFLICT (run) DO UPDATE SET beat = node_run.beat + 1
            """,
            [.text(run), .text(node)])
        try group.session.send(
            "DELETE FROM node_run WHERE node = ? AND run <> ?", [.text(node), .text(run)])
    }

    /// Shows that the process lives; nothing where it holds no block.
    static func beat(_ group: CommitGroup, _ run: String) throws(StoreError) {
        try group.session.send("UPDATE node_run SET beat = beat + 1 WHERE run = ?", [.text(run)])
    }

    /// All that hold open blocks. One without a row never showed a sign of life.
    static func all(_ session: any SQLSession) throws(StoreError) -> [NodeRun] {
        try session.rows(
            """
            SELECT holder.run, coalesce((SELECT beat FROM node_run WHERE node_run.run = holder.run), 0)
            FROM (SELECT DISTINCT run FROM serial_block WHERE is_open = 1) AS holder
            """
        ).map { row throws(StoreError) in NodeRun(run: try row.text(0), beat: try row.count(1)) }
    }

    /// Ends its blocks, if it has shown no sign of life since it was looked at.
    ///
    /// - Returns: What of them is void from now on.
    func end(_ group: CommitGroup) throws(StoreError) -> [ClosedRange<UInt64>] {
        let row = try group.session.row("SELECT beat FROM node_run WHERE run = ?", [.text(run)])
        guard try row?.count(0) ?? 0 == beat else { return [] }
        try group.session.send("DELETE FROM node_run WHERE run = ?", [.text(run)])
        return try SerialBlock.closeAll(group, of: run)
    }
}
