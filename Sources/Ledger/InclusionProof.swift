/// Proof that a leaf is in a tree (RFC 9162 §2.1.3).
public struct InclusionProof: Hashable, Sendable {
    /// Position of the leaf, from 0.
    public let index: UInt64
    /// Number of leaves of the tree.
    public let size: UInt64
    /// Sibling hashes from the leaf up; at most 64 are ever looked at.
    public let path: [MerkleHash]

    /// A proof as received; ``verify(leaf:root:)`` says what it is worth.
    public init(index: UInt64, size: UInt64, path: [MerkleHash]) {
        self.index = index
        self.size = size
        self.path = path
    }

    /// Makes the proof from the hashes of complete subtrees.
    ///
    /// - Throws: ``MerkleError/outOfRange(_:size:)`` from the plan; never an error of `node`, which cannot
    ///   fail.
    public init(index: UInt64, size: UInt64, node: (MerkleNode) -> MerkleHash) throws(MerkleError) {
        let plan = try ProofPlan(inclusionOf: index, size: size)
        self.init(index: index, size: size, path: plan.path(node: node))
    }

    /// Makes the proof from a plan's nodes as a store returned them.
    ///
    /// - Throws: ``MerkleError/wrongProof`` when one is missing.
    public init(
        index: UInt64, size: UInt64, nodes: [MerkleNode: MerkleHash]
    ) throws(MerkleError) {
        let plan = try ProofPlan(inclusionOf: index, size: size)
        let path = try plan.path { (node) throws(MerkleError) in
            guard let hash = nodes[node] else { throw MerkleError.wrongProof }
            return hash
        }
        self.init(index: index, size: size, path: path)
    }

    /// Checks the proof by the algorithm of §2.1.3.2.
    ///
    /// - Throws: ``MerkleError/outOfRange(_:size:)``, ``MerkleError/wrongProof``.
    public func verify(leaf: MerkleHash, root: MerkleHash) throws(MerkleError) {
        guard index < size else { throw .outOfRange(index, size: size) }
        var place = index
        var last = size - 1
        var hash = leaf
        for sibling in path {
            guard last > 0 else { throw .wrongProof }
            if !place.isMultiple(of: 2) || place == last {
                hash = .node(sibling, hash)
                while place.isMultiple(of: 2), place != 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                hash = .node(hash, sibling)
            }
            place >>= 1
            last >>= 1
        }
        guard last == 0, hash == root else { throw .wrongProof }
    }
}
