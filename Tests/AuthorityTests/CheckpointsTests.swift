import Authority
import Ledger
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `A checkpoint of the authority` {
    private func happen(_ count: Int, _ house: TestHouse) async throws {
        for number in 0..<count {
            let event = Event(
                time: house.clock.now, action: .denied, actor: nil, requestID: "r\(number)",
                source: "192.0.2.1")
            _ = try await house.store.record(Entry([], event: event))
        }
    }

    @Test func `covers everything recorded before, and grows out of the last one`() async throws {
        let house = try await TestHouse()
        var sizes: [UInt64] = []
        for count in [0, 1, 1, 2, 0, 7, 64] {
            try await happen(count, house)
            let kept = try await house.authority.audit.checkpoints.advance()
            let checkpoint = try Checkpoint(parsing: kept.note)
            try checkpoint.verify(with: house.authority.audit.checkpoints.verifierKey)
            #expect(checkpoint.body.origin == "authority.example.com")
            sizes.append(checkpoint.body.size)
        }
        #expect(sizes == [0, 1, 2, 4, 4, 11, 75])
        #expect(await house.store.checkpoints(limit: 100).map(\.size) == [75, 11, 4, 2, 1, 0])
    }

    @Test func `covers what any of many callers recorded before its call`() async throws {
        let house = try await TestHouse()
        let covered = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let event = Event(
                        time: UnixTime(0), action: .denied, actor: nil, requestID: "r\(number)",
                        source: "192.0.2.1")
                    guard let receipt = try? await house.store.record(Entry([], event: event)),
                        let kept = try? await house.authority.audit.checkpoints.advance(),
                        let size = receipt.treeSize
                    else { return false }
                    return kept.size >= size
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(covered.allSatisfy { $0 })
    }

    @Test func `L05 is not kept where the signer does not find it grown`() async throws {
        let house = try await TestHouse()
        try await happen(3, house)
        try await house.authority.audit.checkpoints.advance()
        let other = try await TestHouse()
        try await happen(2, other)
        let foreign = try await other.store.growth(since: 0)
        let root = try #require(MerkleHash(bytes: foreign.root))
        let body = try CheckpointBody(origin: "authority.example.com", size: 2, root: root)
        #expect(throws: SignerError.self) {
            try house.signer.signCheckpoint(body: body.bytes, consistency: foreign.consistency)
        }
        #expect(house.signer.checkpointSize() == 3)
    }

    @Test func `L05 is not signed over a hash that was damaged on its way into the tree`() async throws {
        let house = try await TestHouse()
        try await happen(3, house)
        let damaged = DamagedLog(log: house.store, index: 1)
        let key = house.authority.audit.checkpoints.verifierKey
        let checkpoints = Checkpoints(log: damaged, signer: house.signer, verifierKey: key)
        let error = await failure { try await checkpoints.advance() }
        guard case .mismatch(let reason) = error else { return #expect(Bool(false), "\(error as Any)") }
        #expect(reason.contains("event 1"))
        #expect(house.signer.checkpointSize() == 0)
        #expect(await house.store.checkpoints(limit: 1).isEmpty)
        #expect(try await house.authority.audit.checkpoints.advance().size == 3)
    }

    @Test func `goes on after a restart, and after a signature that was never kept`() async throws {
        let house = try await TestHouse()
        try await happen(3, house)
        let growth = try await house.store.growth(since: 0)
        let root = try #require(MerkleHash(bytes: growth.root))
        let body = try CheckpointBody(origin: "authority.example.com", size: 3, root: root)
        _ = try house.signer.signCheckpoint(body: body.bytes, consistency: growth.consistency)
        let again = try await house.restarted()
        #expect(try await again.authority.audit.checkpoints.advance().size == 3)
        try await happen(2, again)
        #expect(try await again.authority.audit.checkpoints.advance().size == 5)
    }

    @Test func `is shown to anybody, events and proofs to auditors`() async throws {
        let house = try await TestHouse()
        try await happen(5, house)
        let audrey = try await house.requester("audrey")
        let alice = try await house.requester("alice")
        let page = try await house.authority.audit.events(from: 1, limit: 2, by: audrey)
        #expect(page.leaves.map(\.index) == [1, 2])
        #expect(page.size == 5)
        #expect(
            await refusal { try await house.authority.audit.events(from: 0, limit: 1, by: alice) }
                == .adminRequired)
        #expect(
            await refusal { try await house.authority.audit.inclusion(of: 0, size: 1, by: alice) }
                == .adminRequired)
        let path = try await house.authority.audit.inclusion(of: 3, size: 5, by: audrey)
        let growth = try await house.store.growth(since: 0)
        #expect(growth.size == 8)
        let proof = InclusionProof(index: 3, size: 5, path: path.compactMap { MerkleHash(bytes: $0) })
        let leaves = try await house.authority.audit.events(from: 0, limit: 5, by: audrey).leaves
        var tree = MerkleTree()
        for leaf in leaves { tree.append(MerkleHash.leaf(leaf.bytes)) }
        let leaf = try #require(leaves.last { $0.index == 3 })
        try proof.verify(leaf: MerkleHash.leaf(leaf.bytes), root: tree.root)
    }

    @Test func `has no proof and no event beyond its size`() async throws {
        let house = try await TestHouse()
        try await happen(3, house)
        let audrey = try await house.requester("audrey")
        for (index, size) in [(3, 3), (0, 4), (0, 0), (UInt64.max, UInt64.max), (2, 1 << 63)]
            as [(UInt64, UInt64)]
        {
            #expect(
                await refusal { try await house.authority.audit.inclusion(of: index, size: size, by: audrey) }
                    == .badRequest)
        }
        for from in [3, 1 << 63, UInt64.max] as [UInt64] {
            #expect(
                try await house.authority.audit.events(from: from, limit: Int.max, by: audrey).leaves.isEmpty)
        }
        #expect(try await house.authority.audit.events(from: 0, limit: Int.min, by: audrey).leaves.count == 1)
    }
}

/// A log one of whose hashes lost a bit in memory, while its bytes are what they were.
private struct DamagedLog: EventLog {
    let log: InMemoryStore
    let index: UInt64

    func treeSize() async throws(StoreError) -> UInt64 { await log.treeSize() }

    func leaves(from: UInt64, limit: Int) async throws(StoreError) -> [LedgerLeaf] {
        await log.leaves(from: from, limit: limit).map { leaf in
            guard leaf.index == index else { return leaf }
            return LedgerLeaf(
                index: leaf.index, hash: [leaf.hash[0] ^ 1] + leaf.hash.dropFirst(), bytes: leaf.bytes)
        }
    }

    func growth(since size: UInt64, to end: UInt64?) async throws(StoreError) -> LedgerGrowth {
        try await log.growth(since: size, to: end)
    }

    func inclusion(of index: UInt64, size: UInt64) async throws(StoreError) -> [[UInt8]] {
        try await log.inclusion(of: index, size: size)
    }

    func keep(checkpoint note: String, size: UInt64) async throws(StoreError) {
        try await log.keep(checkpoint: note, size: size)
    }

    func checkpoints(limit: Int) async throws(StoreError) -> [KeptCheckpoint] {
        await log.checkpoints(limit: limit)
    }
}
