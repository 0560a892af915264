import Authority
import Ledger

/// Compares the ledger with itself: leaves with their hashes, hashes with the frontier and the last
/// checkpoint.
struct LedgerCheck {
    private let session: any SQLSession

    init(_ session: any SQLSession) { self.session = session }

    /// What is checked before the first entry: the last 256 leaves or fewer, the head, the newest checkpoint.
    ///
    /// - Returns: The first index that is wrong; nil if all is well. Reads O(256 + log size) rows unless it
    ///   is not.
    func damageAtEnd() throws(StoreError) -> UInt64? {
        let head = try LedgerHead(session)
        if let index = try damage(from: head.size - min(head.size, 256), to: head.size) { return index }
        let stray = try session.rows("SELECT idx FROM event WHERE idx >= ? LIMIT 1", [.count(head.size)])
        if !stray.isEmpty { return head.size }
        if try isConsistent(head) { return nil }
        guard let index = try damage(from: 0, to: head.size) else { return head.size - 1 }
        return index
    }

    /// The first leaf in the range that is missing, or whose stored hash is not that of its bytes, if it has any.
    func damage(from start: UInt64, to end: UInt64) throws(StoreError) -> UInt64? {
        let pruned = try PruningMark(session)
        var expected = start
        while expected < end {
            let rows = try session.rows(
                "SELECT idx, leaf_hash, bytes FROM event WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT 256",
                [.count(expected), .count(end)])
            guard !rows.isEmpty else { return expected }
            for row in rows {
                let (stored, bytes) = (try row.bytes(1), try row.bytes(2))
                guard try row.count(0) == expected,
                    pruned.hash(of: expected, stored: stored, bytes: bytes) != nil
                else { return expected }
                expected += 1
            }
        }
        return nil
    }

    /// Whether the stored hashes lead to the head and to the newest checkpoint.
    private func isConsistent(_ head: LedgerHead) throws(StoreError) -> Bool {
        let tree = StoredTree(session)
        guard try tree.frontier(size: head.size) == head.frontier else { return false }
        let newest = try session.row("SELECT size, root FROM checkpoint ORDER BY size DESC LIMIT 1", [])
        guard let newest else { return true }
        let size = try newest.count(0)
        guard size <= head.size else { return false }
        return try tree.root(size: size).bytes == newest.bytes(1)
    }
}
