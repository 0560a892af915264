import Authority
import Ledger

/// The hashes of the Merkle tree as they are stored: of every leaf, and of complete subtrees at each eighth
/// level.
struct StoredTree {
    private let session: any SQLSession

    init(_ session: any SQLSession) { self.session = session }

    /// Root of the tree of the first `size` leaves, computed from what is stored.
    func root(size: UInt64) throws(StoreError) -> MerkleHash {
        let frontier = try frontier(size: size)
        do throws(MerkleError) {
            return try MerkleTree(size: size, frontier: frontier).root
        } catch {
            throw .unreadable("hashes of the ledger")
        }
    }

    func frontier(size: UInt64) throws(StoreError) -> [MerkleHash] {
        var frontier: [MerkleHash] = []
        for node in MerkleTree.frontierNodes(size: size) { frontier.append(try hash(node)) }
        return frontier
    }

    /// What a proof needs.
    func hashes(_ plan: ProofPlan) throws(StoreError) -> [MerkleNode: MerkleHash] {
        var hashes: [MerkleNode: MerkleHash] = [:]
        for node in plan.nodes { hashes[node] = try hash(node) }
        return hashes
    }

    /// Hash of one complete subtree, from the at most 128 stored ones just below it.
    func hash(_ node: MerkleNode) throws(StoreError) -> MerkleHash {
        let base = node.level / LedgerHead.levels * LedgerHead.levels
        let width = UInt64(1) << UInt64(node.level - base)
        let first = node.index * width
        var hashes = try stored(level: base, first..<(first + width))
        guard hashes.count == Int(width) else { throw .unreadable("hashes of the ledger at level \(base)") }
        while hashes.count > 1 {
            hashes = stride(from: 0, to: hashes.count, by: 2).map { .node(hashes[$0], hashes[$0 + 1]) }
        }
        guard let hash = hashes.first else { throw .unreadable("hashes of the ledger") }
        return hash
    }

    private func stored(level: UInt8, _ range: Range<UInt64>) throws(StoreError) -> [MerkleHash] {
        let bounds: [SQLValue] = [.count(range.lowerBound), .count(range.upperBound)]
        let rows =
            level == 0
            ? try session.rows("SELECT leaf_hash FROM event WHERE idx >= ? AND idx < ? ORDER BY idx", bounds)
            : try session.rows(
                "SELECT hash FROM ledger_node WHERE level = ? AND idx >= ? AND idx < ? ORDER BY idx",
                [.count(UInt64(level))] + bounds)
        var hashes: [MerkleHash] = []
        for row in rows {
            guard let hash = MerkleHash(bytes: try row.bytes(0)) else { throw .unreadable("a hash") }
            hashes.append(hash)
        }
        return hashes
    }
}
