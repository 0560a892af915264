import Authority
import Ledger

/// The end of the ledger: how many leaves there are, and the subtrees that the next one joins.
///
/// It is kept in one row, so that a transaction that rolls back takes it along and no node trusts its memory.
struct LedgerHead {
    /// Hashes of complete subtrees are stored at every eighth level: a proof then reads at most 255 hashes
    /// per eight levels, and a leaf writes 1/255 row.
    static let levels: UInt8 = 8

    private var tree: MerkleTree
    private let loaded: UInt64

    var size: UInt64 { tree.size }
    var root: MerkleHash { tree.root }
    var frontier: [MerkleHash] { tree.frontier }

    init(_ session: any SQLSession) throws(StoreError) {
        guard let row = try session.row("SELECT size, frontier FROM ledger_head WHERE id = 1", []) else {
            throw .unreadable("no ledger head")
        }
        loaded = try row.count(0)
        tree = try Self.tree(size: loaded, frontier: try row.bytes(1))
    }

    /// Appends a leaf.
    ///
    /// - Returns: Its index.
    mutating func append(_ bytes: [UInt8], _ session: any SQLSession) throws(StoreError) -> UInt64 {
        let index = tree.size
        let hash = MerkleHash.leaf(bytes)
        try session.send(
            "INSERT INTO event (idx, leaf_hash, bytes) VALUES (?, ?, ?)",
            [.count(index), .bytes(hash.bytes), .bytes(bytes)])
        for (node, hash) in tree.append(hash) where node.level > 0 && node.level % Self.levels == 0 {
            try session.send(
                "INSERT INTO ledger_node (level, idx, hash) VALUES (?, ?, ?)",
                [.count(UInt64(node.level)), .count(node.index), .bytes(hash.bytes)])
        }
        return index
    }

    func save(_ session: any SQLSession) throws(StoreError) {
        guard tree.size != loaded else { return }
        try session.send(
            "UPDATE ledger_head SET size = ?, frontier = ? WHERE id = 1",
            [.count(tree.size), .bytes(tree.frontier.flatMap(\.bytes))])
    }

    private static func tree(size: UInt64, frontier: [UInt8]) throws(StoreError) -> MerkleTree {
        let hashes = stride(from: 0, to: frontier.count, by: MerkleHash.byteCount).compactMap {
            MerkleHash(bytes: frontier.dropFirst($0).prefix(MerkleHash.byteCount))
        }
        do throws(MerkleError) {
            return try MerkleTree(size: size, frontier: hashes)
        } catch {
            throw .unreadable("the ledger's frontier")
        }
    }
}
