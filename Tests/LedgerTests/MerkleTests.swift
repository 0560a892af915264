import Ledger
import Testing

/// 0…2^k±1: where the shape of the tree changes.
private let sizes = Array(Set((0...8).flatMap { [(1 << $0) - 1, 1 << $0, (1 << $0) + 1] })).sorted()

@Suite struct `A Merkle tree` {
    /// The vectors of the Certificate Transparency reference implementation (RFC 6962).
    static let leaves: [[UInt8]] = [
        [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43], Array(0x50...0x57),
        Array(0x60...0x6f),
    ]
    static let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    @Test func `has the roots of the reference implementation, L03`() {
        var tree = MerkleTree()
        var found = [tree.root.description]
        for leaf in Self.leaves {
            tree.append(.leaf(leaf))
            found.append(tree.root.description)
        }
        #expect(found == Self.roots)
    }

    @Test(arguments: sizes) func `has the root that the definition gives, L03`(_ size: Int) {
        let log = SampleLog(size: size)
        #expect(log.root(size).bytes == NaiveTree.root(log.leaves[...]))
    }

    @Test(arguments: sizes) func `goes on from its frontier`(_ size: Int) throws {
        let log = SampleLog(size: size)
        let frontier = MerkleTree.frontierNodes(size: UInt64(size)).map(log.node)
        let tree = try MerkleTree(size: UInt64(size), frontier: frontier)
        #expect(tree.root == log.root(size))
    }

    @Test func `with a frontier of another size is refused`() {
        #expect(throws: MerkleError.frontier(wanted: 2, found: 1)) {
            try MerkleTree(size: 3, frontier: [.empty])
        }
    }

    @Test func `tells which nodes an append completes`() {
        let log = SampleLog(size: 4)
        var tree = MerkleTree()
        let completed = log.hashes.map { tree.append($0).map(\.node) }
        #expect(completed.last?.map(\.level) == [0, 1, 2])
        #expect(completed.last?.map(\.index) == [3, 1, 0])
    }

    @Test func `hash has one text and one length`() {
        #expect(MerkleHash(hex: Array(MerkleHash.empty.description.utf8)) == .empty)
        #expect(MerkleHash(hex: Array(MerkleHash.empty.description.uppercased().utf8)) == nil)
        #expect(MerkleHash(bytes: [1, 2, 3]) == nil)
    }
}

@Suite struct `An inclusion proof` {
    @Test(arguments: sizes.filter { $0 > 0 })
    func `is that of the definition and verifies, L03`(_ size: Int) throws {
        let log = SampleLog(size: size)
        let root = log.root(size)
        for index in Set([0, 1, size / 3, size / 2, size - 2, size - 1]).filter({ (0..<size).contains($0) }) {
            let proof = try InclusionProof(index: UInt64(index), size: UInt64(size), node: log.node)
            #expect(proof.path.map(\.bytes) == NaiveTree.path(index, log.leaves[...]))
            try proof.verify(leaf: log.hashes[index], root: root)
        }
    }

    @Test(arguments: [2, 3, 7, 8, 9, 33])
    func `altered in any part is refused, L03`(_ size: Int) throws {
        let log = SampleLog(size: size)
        let root = log.root(size)
        for index in 0..<size {
            let good = try InclusionProof(index: UInt64(index), size: UInt64(size), node: log.node)
            for path in wrongPaths(good.path) {
                let bad = InclusionProof(index: good.index, size: good.size, path: path)
                #expect(throws: MerkleError.wrongProof) {
                    try bad.verify(leaf: log.hashes[index], root: root)
                }
            }
            #expect(throws: MerkleError.wrongProof) { try good.verify(leaf: .empty, root: root) }
            #expect(throws: MerkleError.wrongProof) { try good.verify(leaf: log.hashes[index], root: .empty) }
            let moved = InclusionProof(index: UInt64(index ^ 1), size: UInt64(size), path: good.path)
            #expect(throws: MerkleError.self) { try moved.verify(leaf: log.hashes[index], root: root) }
        }
    }

    @Test func `beyond the tree is not made and not believed`() {
        #expect(throws: MerkleError.outOfRange(3, size: 3)) { try ProofPlan(inclusionOf: 3, size: 3) }
        let proof = InclusionProof(index: 0, size: 0, path: [])
        #expect(throws: MerkleError.outOfRange(0, size: 0)) { try proof.verify(leaf: .empty, root: .empty) }
    }

    @Test func `from fetched nodes is the same, and a missing node is an error`() throws {
        let log = SampleLog(size: 11)
        let nodes = try ProofPlan(inclusionOf: 5, size: 11).nodes
        let fetched = Dictionary(uniqueKeysWithValues: nodes.map { ($0, log.node($0)) })
        let proof = try InclusionProof(index: 5, size: 11, nodes: fetched)
        #expect(try proof == InclusionProof(index: 5, size: 11, node: log.node))
        #expect(throws: MerkleError.wrongProof) { try InclusionProof(index: 5, size: 11, nodes: [:]) }
    }
}

@Suite struct `A consistency proof` {
    @Test(arguments: sizes.filter { $0 <= 65 })
    func `is that of the definition and verifies, L03`(_ size: Int) throws {
        let log = SampleLog(size: size)
        for first in 0...size {
            let proof = try ConsistencyProof(first: UInt64(first), second: UInt64(size), node: log.node)
            if first > 0 { #expect(proof.path.map(\.bytes) == NaiveTree.proof(first, log.leaves[...])) }
            try proof.verify(firstRoot: log.root(first), secondRoot: log.root(size))
        }
    }

    @Test(arguments: [1, 2, 3, 4, 7, 8, 9, 20])
    func `altered in any part is refused, L03`(_ first: Int) throws {
        let log = SampleLog(size: 21)
        let good = try ConsistencyProof(first: UInt64(first), second: 21, node: log.node)
        let older = log.root(first)
        let newer = log.root(21)
        for path in wrongPaths(good.path) {
            let bad = ConsistencyProof(first: good.first, second: 21, path: path)
            #expect(throws: MerkleError.wrongProof) { try bad.verify(firstRoot: older, secondRoot: newer) }
        }
        #expect(throws: MerkleError.wrongProof) { try good.verify(firstRoot: .empty, secondRoot: newer) }
        #expect(throws: MerkleError.wrongProof) { try good.verify(firstRoot: older, secondRoot: .empty) }
    }

    @Test func `of a tree with itself needs the same root and no hashes`() throws {
        let root = SampleLog(size: 3).root(3)
        try ConsistencyProof(first: 3, second: 3, path: []).verify(firstRoot: root, secondRoot: root)
        #expect(throws: MerkleError.wrongProof) {
            try ConsistencyProof(first: 3, second: 3, path: []).verify(firstRoot: root, secondRoot: .empty)
        }
        #expect(throws: MerkleError.wrongProof) {
            try ConsistencyProof(first: 3, second: 3, path: [root]).verify(firstRoot: root, secondRoot: root)
        }
    }

    @Test func `that shrinks is out of range, up to the largest numbers`() {
        #expect(throws: MerkleError.outOfRange(4, size: 3)) { try ProofPlan(consistencyOf: 4, size: 3) }
        let huge = ConsistencyProof(first: .max - 1, second: .max, path: [.empty, .empty])
        #expect(throws: MerkleError.wrongProof) { try huge.verify(firstRoot: .empty, secondRoot: .empty) }
    }
}

/// Every way to spoil a path a little: one hash flipped, dropped, doubled, or one more at the end.
private func wrongPaths(_ path: [MerkleHash]) -> [[MerkleHash]] {
    var wrong = [path + [.empty]]
    for index in path.indices {
        var flipped = path
        flipped[index] = .node(path[index], path[index])
        wrong.append(flipped)
        wrong.append(Array(path[..<index] + path[(index + 1)...]))
        wrong.append(Array(path[...index] + path[index...]))
    }
    return wrong
}
