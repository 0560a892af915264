/// Proof that a tree is the beginning of a larger one: nothing was changed, only appended (RFC 9162 §2.1.4).
public struct ConsistencyProof: Hashable, Sendable {
    /// Number of leaves of the older tree.
    public let first: UInt64
    /// Number of leaves of the newer tree.
    public let second: UInt64
    public let path: [MerkleHash]

    /// A proof as received; ``verify(firstRoot:secondRoot:)`` says what it is worth.
    public init(first: UInt64, second: UInt64, path: [MerkleHash]) {
        self.first = first
        self.second = second
        self.path = path
    }

    /// Makes the proof from the hashes of complete subtrees.
    ///
    /// - Throws: ``MerkleError/outOfRange(_:size:)`` unless `first <= second`.
    public init(first: UInt64, second: UInt64, node: (MerkleNode) -> MerkleHash) throws(MerkleError) {
        let plan = try ProofPlan(consistencyOf: first, size: second)
        self.init(first: first, second: second, path: plan.path(node: node))
    }

    /// Makes the proof from a plan's nodes as a store returned them.
    ///
    /// - Throws: ``MerkleError/wrongProof`` when one is missing.
    public init(
        first: UInt64, second: UInt64, nodes: [MerkleNode: MerkleHash]
    ) throws(MerkleError) {
        let plan = try ProofPlan(consistencyOf: first, size: second)
        let path = try plan.path { (node) throws(MerkleError) in
            guard let hash = nodes[node] else { throw MerkleError.wrongProof }
            return hash
        }
        self.init(first: first, second: second, path: path)
    }

    /// Checks the proof by the algorithm of §2.1.4.2. An empty tree is the beginning of every tree, a tree of
    /// itself; both need an empty path.
    ///
    /// - Throws: ``MerkleError/outOfRange(_:size:)``, ``MerkleError/wrongProof``.
    public func verify(firstRoot: MerkleHash, secondRoot: MerkleHash) throws(MerkleError) {
        guard first <= second else { throw .outOfRange(first, size: second) }
        guard first > 0, first < second else {
            let same = first == second ? firstRoot == secondRoot : firstRoot == .empty
            guard path.isEmpty, same else { throw .wrongProof }
            return
        }
        let (older, newer) = try roots(firstRoot: firstRoot)
        guard older == firstRoot, newer == secondRoot else { throw .wrongProof }
    }

    /// The two roots that the path leads to; for `0 < first < second`.
    private func roots(firstRoot: MerkleHash) throws(MerkleError) -> (MerkleHash, MerkleHash) {
        var rest = path[...]
        let start = first.nonzeroBitCount == 1 ? firstRoot : rest.popFirst()
        guard var older = start, !path.isEmpty else { throw .wrongProof }
        var newer = older
        let shared = UInt64((first - 1).trailingOneBitCount)
        var place = (first - 1) >> shared
        var last = (second - 1) >> shared
        for hash in rest {
            guard last > 0 else { throw .wrongProof }
            if !place.isMultiple(of: 2) || place == last {
                older = .node(hash, older)
                newer = .node(hash, newer)
                while place.isMultiple(of: 2), place != 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                newer = .node(newer, hash)
            }
            place >>= 1
            last >>= 1
        }
        guard last == 0 else { throw .wrongProof }
        return (older, newer)
    }
}

extension UInt64 {
    /// How many of the lowest bits are set before the first that is not.
    fileprivate var trailingOneBitCount: Int { (~self).trailingZeroBitCount }
}
