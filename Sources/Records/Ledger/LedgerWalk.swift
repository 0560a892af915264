import Authority
import Ledger

/// The whole ledger computed again from its bytes, or from its hashes where it was pruned, some leaves at a time.
struct LedgerWalk: Sendable {
    private(set) var tree = MerkleTree()

    /// Goes on by at most 1,024 leaves.
    ///
    /// - Returns: The first index that is wrong, if it is among them; with how many leaves were walked.
    mutating func step(_ session: any SQLSession) throws(StoreError) -> (walked: Int, damage: UInt64?) {
        let rows = try session.rows(
            "SELECT idx, leaf_hash, bytes FROM event WHERE idx >= ? ORDER BY idx LIMIT 1024",
            [.count(tree.size)])
        let pruned = try PruningMark(session)
        for row in rows {
            let index = tree.size
            let (stored, bytes) = (try row.bytes(1), try row.bytes(2))
            guard try row.count(0) == index, let hash = pruned.hash(of: index, stored: stored, bytes: bytes)
            else { return (rows.count, index) }
            for (node, hash) in tree.append(hash) where node.level > 0 && node.level % LedgerHead.levels == 0
            {
                let stored = try session.row(
                    "SELECT hash FROM ledger_node WHERE level = ? AND idx = ?",
                    [.count(UInt64(node.level)), .count(node.index)])
                guard let stored, try stored.bytes(0) == hash.bytes else {
                    return (rows.count, node.index << UInt64(node.level))
                }
            }
        }
        guard rows.isEmpty, try LedgerHead(session).root != tree.root else { return (rows.count, nil) }
        return (0, tree.size)
    }
}
