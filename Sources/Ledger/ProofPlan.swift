/// Which node hashes a proof is made of, so that a store can fetch them all at once.
public struct ProofPlan: Hashable, Sendable {
    /// One range of leaves per hash of the proof, in its order.
    private let ranges: [Range<UInt64>]

    /// Plan of the inclusion proof of a leaf (RFC 9162 §2.1.3.1).
    ///
    /// - Throws: ``MerkleError/outOfRange(_:size:)`` unless `index < size`.
    public init(inclusionOf index: UInt64, size: UInt64) throws(MerkleError) {
        guard index < size else { throw .outOfRange(index, size: size) }
        var path: [Range<UInt64>] = []
        var tree = 0..<size
        while tree.upperBound - tree.lowerBound > 1 {
            let middle = Self.split(tree)
            path.append(index < middle ? middle..<tree.upperBound : tree.lowerBound..<middle)
            tree = index < middle ? tree.lowerBound..<middle : middle..<tree.upperBound
        }
        ranges = path.reversed()
    }

    /// Plan of the proof that the tree of size `first` is the beginning of that of size `second` (§2.1.4.1).
    ///
    /// - Throws: ``MerkleError/outOfRange(_:size:)`` unless `first <= second`.
    public init(consistencyOf first: UInt64, size second: UInt64) throws(MerkleError) {
        guard first <= second else { throw .outOfRange(first, size: second) }
        guard first > 0 else {
            ranges = []
            return
        }
        var path: [Range<UInt64>] = []
        var tree = 0..<second
        while tree.upperBound != first {
            let middle = Self.split(tree)
            path.append(first <= middle ? middle..<tree.upperBound : tree.lowerBound..<middle)
            tree = first <= middle ? tree.lowerBound..<middle : middle..<tree.upperBound
        }
        // The whole old tree need not be sent: the verifier has its root.
        if tree.lowerBound != 0 { path.append(tree) }
        ranges = path.reversed()
    }

    /// Every node that is needed, without repetition.
    public var nodes: [MerkleNode] { ranges.flatMap { MerkleNode.covering($0) } }

    /// The hashes of the proof.
    ///
    /// - Parameter node: Hash of a complete subtree; asked for ``nodes`` in order.
    func path<Failure>(
        node: (MerkleNode) throws(Failure) -> MerkleHash
    ) throws(Failure) -> [MerkleHash] {
        var path: [MerkleHash] = []
        for range in ranges {
            var subtrees: [MerkleHash] = []
            for part in MerkleNode.covering(range) { subtrees.append(try node(part)) }
            path.append(MerkleTree.root(of: subtrees))
        }
        return path
    }

    /// Where a tree of more than one leaf parts: after the largest power of two below its size.
    private static func split(_ tree: Range<UInt64>) -> UInt64 {
        let size = tree.upperBound - tree.lowerBound
        return tree.lowerBound + 1 << UInt64(UInt64.bitWidth - 1 - (size - 1).leadingZeroBitCount)
    }
}
