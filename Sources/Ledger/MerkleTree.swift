/// A growing Merkle tree of which only the frontier is kept: one hash per complete subtree (RFC 9162 §2.1.1).
///
/// At most 64 hashes stand for any number of leaves. Appending costs two hashes on average, the root at most
/// 63.
public struct MerkleTree: Hashable, Sendable {
    /// Number of leaves.
    public private(set) var size: UInt64
    /// Roots of the complete subtrees, the largest (leftmost) first; one per bit that is set in ``size``.
    public private(set) var frontier: [MerkleHash]

    /// The tree without leaves.
    public init() {
        size = 0
        frontier = []
    }

    /// A tree that goes on where another stood.
    ///
    /// - Throws: ``MerkleError/frontier(wanted:found:)`` when the number of hashes does not fit the size.
    public init(size: UInt64, frontier: [MerkleHash]) throws(MerkleError) {
        guard frontier.count == size.nonzeroBitCount else {
            throw .frontier(wanted: size.nonzeroBitCount, found: frontier.count)
        }
        self.size = size
        self.frontier = frontier
    }

    /// The nodes whose hashes make up the frontier of a tree of that size, in its order.
    public static func frontierNodes(size: UInt64) -> [MerkleNode] { MerkleNode.covering(0..<size) }

    /// Appends a leaf by its hash.
    ///
    /// - Returns: The nodes that became complete, the leaf first: what a store keeps to prove things later.
    @discardableResult
    public mutating func append(_ leaf: MerkleHash) -> [(node: MerkleNode, hash: MerkleHash)] {
        var node = MerkleNode(level: 0, index: size)
        var hash = leaf
        var completed = [(node: node, hash: hash)]
        while !node.index.isMultiple(of: 2), let left = frontier.popLast() {
            hash = .node(left, hash)
            node = MerkleNode(level: node.level + 1, index: node.index / 2)
            completed.append((node: node, hash: hash))
        }
        frontier.append(hash)
        size += 1
        return completed
    }

    /// Head of the tree; ``MerkleHash/empty`` without leaves.
    public var root: MerkleHash { Self.root(of: frontier) }

    /// Root above complete subtrees that stand side by side, the largest first.
    static func root(of subtrees: [MerkleHash]) -> MerkleHash {
        guard let last = subtrees.last else { return .empty }
        return subtrees.dropLast().reversed().reduce(last) { .node($1, $0) }
    }
}

/// Why hashes do not make a tree or a proof.
public enum MerkleError: Error, Hashable, Sendable {
    /// A tree of this size has another number of complete subtrees.
    case frontier(wanted: Int, found: Int)
    /// A proof was asked for a leaf or a size beyond the tree.
    case outOfRange(UInt64, size: UInt64)
    /// The proof does not lead to the root; for consistency, to one of both.
    case wrongProof
}
