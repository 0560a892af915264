import Crypto
import Ledger

/// The definitions of RFC 9162 §2.1 word by word: slow, recursive, and the judge of the real ones.
enum NaiveTree {
    static func root(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
        guard leaves.count > 1 else {
            return leaves.first.map { Array(SHA256.hash(data: [0] + $0)) }
                ?? Array(SHA256.hash(data: [UInt8]()))
        }
        let middle = split(leaves)
        return Array(SHA256.hash(data: [1] + root(leaves[..<middle]) + root(leaves[middle...])))
    }

    static func path(_ index: Int, _ leaves: ArraySlice<[UInt8]>) -> [[UInt8]] {
        guard leaves.count > 1 else { return [] }
        let middle = split(leaves)
        return index < middle
            ? path(index, leaves[..<middle]) + [root(leaves[middle...])]
            : path(index, leaves[middle...]) + [root(leaves[..<middle])]
    }

    static func proof(_ first: Int, _ leaves: ArraySlice<[UInt8]>) -> [[UInt8]] {
        subproof(first, leaves, known: true)
    }

    private static func subproof(_ first: Int, _ leaves: ArraySlice<[UInt8]>, known: Bool) -> [[UInt8]] {
        guard first < leaves.endIndex else { return known ? [] : [root(leaves)] }
        let middle = split(leaves)
        return first <= middle
            ? subproof(first, leaves[..<middle], known: known) + [root(leaves[middle...])]
            : subproof(first, leaves[middle...], known: false) + [root(leaves[..<middle])]
    }

    private static func split(_ leaves: ArraySlice<[UInt8]>) -> Int {
        var half = 1
        while half * 2 < leaves.count { half *= 2 }
        return leaves.startIndex + half
    }
}

/// A log of `size` leaves with its leaf hashes at hand.
struct SampleLog {
    let leaves: [[UInt8]]
    let hashes: [MerkleHash]

    init(size: Int) {
        leaves = (0..<size).map { Array("leaf \($0)".utf8) }
        hashes = leaves.map { MerkleHash.leaf($0) }
    }

    func node(_ node: MerkleNode) -> MerkleHash { node.hash { hashes[Int($0)] } }

    func root(_ size: Int) -> MerkleHash {
        var tree = MerkleTree()
        for hash in hashes.prefix(size) { tree.append(hash) }
        return tree.root
    }
}
