import Authority

/// Serials that one run of one node gives out, so that a certificate needs no round trip for its number.
struct SerialBlock {
    let first: UInt64
    let last: UInt64

    /// Reserves the next block, dense after every other.
    ///
    /// - Parameter run: This life of the process: a block of the same node from another one was left open by a death, and
    ///   what of it was not recorded was not released either.
    static func reserve(
        _ group: CommitGroup, node: String, run: String, count: UInt64
    ) throws(StoreError) -> ClosedRange<UInt64> {
        guard (1...1_000_000).contains(count) else {
            throw .failed(reason: "a block has 1 to 1,000,000 serials")
        }
        try group.session.lock("serials")
        try closeThoseLeft(group, node: node, run: run)
        try closeThoseFull(group, node: node, run: run)
        let row = try group.session.row("SELECT coalesce(max(last_serial), 0) FROM serial_block", [])
        let first = (try row?.count(0) ?? 0) + 1
        let last = first + count - 1
        try group.session.send(
            "INSERT INTO serial_block (first_serial, last_serial, node, run, is_open) VALUES (?, ?, ?, ?, 1)",
            [.count(first), .count(last), .text(node), .text(run)])
        if group.counts.isShared { try NodeRun.begin(group, node: node, run: run) }
        return first...last
    }

    /// Leaves out everything below `first` and voids it: it may have been given out and forgotten.
    ///
    /// - Throws: `.failed` where serials have come beyond that.
    static func skip(_ group: CommitGroup, to first: UInt64) throws(StoreError) {
        try group.session.lock("serials")
        let row = try group.session.row("SELECT coalesce(max(last_serial), 0) FROM serial_block", [])
        let next = (try row?.count(0) ?? 0) + 1
        guard next < first else { throw .failed(reason: "serials have come to \(next), beyond \(first)") }
        try group.session.run(
            "INSERT INTO serial_block (first_serial, last_serial, node, run, is_open) VALUES (?, ?, '', '', 0)",
            [.count(next), .count(first - 1)])
        try void(next...(first - 1), group.session)
    }

    private static func closeThoseLeft(_ group: CommitGroup, node: String, run: String) throws(StoreError) {
        _ = try close(
            try group.session.rows(
                "SELECT first_serial, last_serial FROM serial_block WHERE node = ? AND is_open = 1 AND run <> ?",
                [.text(node), .text(run)]), group)
    }

    /// Ends every block, where no node runs: what of them was not recorded is void.
    static func closeAll(_ group: CommitGroup) throws(StoreError) {
        try group.session.lock("serials")
        _ = try close(
            try group.session.rows("SELECT first_serial, last_serial FROM serial_block WHERE is_open = 1"),
            group)
    }

    /// Ends the blocks of one run.
    ///
    /// - Returns: What of them is void from now on.
    static func closeAll(_ group: CommitGroup, of run: String) throws(StoreError) -> [ClosedRange<UInt64>] {
        try group.session.lock("serials")
        return try close(
            try group.session.rows(
                "SELECT first_serial, last_serial FROM serial_block WHERE run = ? AND is_open = 1",
                [.text(run)]), group)
    }

    private static func close(
        _ rows: [SQLRow], _ group: CommitGroup
    ) throws(StoreError) -> [ClosedRange<UInt64>] {
        var holes: [ClosedRange<UInt64>] = []
        for row in rows {
            let block = SerialBlock(first: try row.count(0), last: try row.count(1))
            let unrecorded = try block.unrecorded(group.session)
            for range in unrecorded { try void(range, group.session) }
            holes += unrecorded
            try block.close(group.session)
        }
        if !holes.isEmpty { try group.moveHostState() }
        return holes
    }

    /// So that a restart looks only at what has holes. The newest blocks alone: serials may be under way.
    private static func closeThoseFull(_ group: CommitGroup, node: String, run: String) throws(StoreError) {
        let rows = try group.session.rows(
            """
            SELECT first_serial, last_serial FROM serial_block WHERE node = ? AND is_open = 1 AND run = ?
            ORDER BY first_serial DESC LIMIT 4
            """,
            [.text(node), .text(run)])
        for row in rows {
            let block = SerialBlock(first: try row.count(0), last: try row.count(1))
            if try block.isFull(group.session) { try block.close(group.session) }
        }
    }

    /// Whether every serial of the block was recorded; the engine counts, which is all that a new block has time for.
    private func isFull(_ session: any SQLSession) throws(StoreError) -> Bool {
        let row = try session.row(
            "SELECT count(DISTINCT serial) FROM certificate WHERE serial >= ? AND serial <= ?",
            [.count(first), .count(last)])
        return try row?.count(0) == last - first + 1
    }

    /// The serials of the block that no certificate has, as ranges.
    private func unrecorded(_ session: any SQLSession) throws(StoreError) -> [ClosedRange<UInt64>] {
        let rows = try session.rows(
            "SELECT DISTINCT serial FROM certificate WHERE serial >= ? AND serial <= ? ORDER BY serial",
            [.count(first), .count(last)])
        var holes: [ClosedRange<UInt64>] = []
        var next = first
        for row in rows {
            let serial = try row.count(0)
            if serial > next { holes.append(next...(serial - 1)) }
            next = serial + 1
        }
        if next <= last { holes.append(next...last) }
        return holes
    }

    private func close(_ session: any SQLSession) throws(StoreError) {
        try session.send("UPDATE serial_block SET is_open = 0 WHERE first_serial = ?", [.count(first)])
    }

    private static func void(_ range: ClosedRange<UInt64>, _ session: any SQLSession) throws(StoreError) {
        try session.send(
            "INSERT INTO void_serials (first_serial, last_serial) VALUES (?, ?)",
            [.count(range.lowerBound), .count(range.upperBound)])
    }
}
