/// A complete subtree by its place: it covers leaves `index << level ..< (index + 1) << level`.
public struct MerkleNode: Hashable, Sendable {
    /// 0 for a leaf.
    public let level: UInt8
    /// Position among the nodes of that level, from the left.
    public let index: UInt64

    public init(level: UInt8, index: UInt64) {
        self.level = level
        self.index = index
    }

    /// The fewest complete subtrees that cover the leaves, the leftmost first.
    ///
    /// - Parameter leaves: Starts at a multiple of the largest power of two below its length, as all ranges
    ///   of RFC 9162 §2.1 do.
    static func covering(_ leaves: Range<UInt64>) -> [MerkleNode] {
        var nodes: [MerkleNode] = []
        var start = leaves.lowerBound
        while start < leaves.upperBound {
            let left = leaves.upperBound - start
            let level = UInt8(UInt64.bitWidth - 1 - left.leadingZeroBitCount)
            nodes.append(MerkleNode(level: level, index: start >> UInt64(level)))
            start += 1 << UInt64(level)
        }
        return nodes
    }

    /// The hash, computed from the leaves below, for a store that keeps leaf hashes alone.
    ///
    /// - Parameter leaf: Hash of the leaf of that index; asked once each, in order.
    public func hash<Failure>(
        leaf: (UInt64) throws(Failure) -> MerkleHash
    ) throws(Failure) -> MerkleHash {
        guard level > 0 else { return try leaf(index) }
        let left = try MerkleNode(level: level - 1, index: index * 2).hash(leaf: leaf)
        let right = try MerkleNode(level: level - 1, index: index * 2 + 1).hash(leaf: leaf)
        return .node(left, right)
    }
}
