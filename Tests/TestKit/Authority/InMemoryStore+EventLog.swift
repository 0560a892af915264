package import Authority
import Ledger

extension InMemoryStore: EventLog {
    package func treeSize() async -> UInt64 {
        let size = size
        await dawdle()
        return size
    }

    private var size: UInt64 { UInt64(contents.events.count) }

    package func leaves(from: UInt64, limit: Int) -> [LedgerLeaf] {
        contents.events.enumerated().filter { UInt64($0.offset) >= from }.prefix(limit).map { place, event in
            let bytes = event.encoded()
            return LedgerLeaf(index: UInt64(place), hash: MerkleHash.leaf(bytes).bytes, bytes: bytes)
        }
    }

    package func growth(since size: UInt64, to end: UInt64?) throws(StoreError) -> LedgerGrowth {
        try checkReads()
        let hashes = leafHashes.prefix(Int(end ?? self.size))
        guard end ?? 0 <= self.size else { throw .conflict(.missing) }
        var tree = MerkleTree()
        for hash in hashes { tree.append(hash) }
        let proof = try? ConsistencyProof(first: size, second: tree.size) { node in
            node.hash { index in hashes[Int(index)] }
        }
        guard let proof else { throw .conflict(.missing) }
        return LedgerGrowth(size: tree.size, root: tree.root.bytes, consistency: proof.path.map(\.bytes))
    }

    package func inclusion(of index: UInt64, size: UInt64) throws(StoreError) -> [[UInt8]] {
        let hashes = leafHashes
        guard size <= UInt64(hashes.count) else { throw .conflict(.missing) }
        let proof = try? InclusionProof(index: index, size: size) { node in
            node.hash { index in hashes[Int(index)] }
        }
        guard let proof else { throw .conflict(.missing) }
        return proof.path.map(\.bytes)
    }

    package func keep(checkpoint note: String, size: UInt64) throws(StoreError) {
        guard size <= self.size else { throw .conflict(.missing) }
        kept.removeAll { $0.size == size }
        kept.append(KeptCheckpoint(size: size, note: note))
    }

    package func checkpoints(limit: Int) -> [KeptCheckpoint] {
        Array(kept.sorted { $0.size > $1.size }.prefix(limit))
    }

    private var leafHashes: [MerkleHash] { contents.events.map { MerkleHash.leaf($0.encoded()) } }
}
