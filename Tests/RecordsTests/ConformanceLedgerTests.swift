import Authority
import Ledger
import SSHFormats
import Testing

@Suite struct `A storage engine keeps the ledger` {
    @Test(arguments: Engine.allCases) func `dense, in one order, with receipts that say where`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let receipts = try await withThrowingTaskGroup(of: (Int, Receipt).self) { group in
            for number in 0..<300 {
                group.addTask { (number, try await store.record(Entry([], event: Sample.event(number)))) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let leaves = try await store.leaves(from: 0, limit: 1000)
        #expect(leaves.map(\.index) == Array(0..<300))
        #expect(try await store.treeSize() == 300)
        for (number, receipt) in receipts {
            let index = try #require(receipt.index)
            #expect(receipt.treeSize == index + 1)
            #expect(leaves[Int(index)].bytes == Sample.event(number).encoded())
        }
        #expect(leaves.allSatisfy { MerkleHash.leaf($0.bytes).bytes == $0.hash })
        #expect(try await store.leaves(from: 298, limit: 5).map(\.index) == [298, 299])
        #expect(try await store.leaves(from: 290, limit: 2).map(\.index) == [290, 291])
    }

    @Test(arguments: Engine.allCases) func `and an entry without event has no place in it`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        #expect(try await store.keep(.hostStateMoved) == Receipt(index: nil, treeSize: nil))
        #expect(try await store.treeSize() == 0)
        let growth = try await store.growth(since: 0)
        #expect(growth == LedgerGrowth(size: 0, root: MerkleHash.empty.bytes, consistency: []))
    }

    @Test(arguments: Engine.allCases) func `and proves it around the boundaries of its tiles`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        var roots: [UInt64: MerkleHash] = [0: .empty]
        for stop in [UInt64(1), 2, 127, 128, 255, 256, 257, 511, 512, 513] {
            try await fill(store, to: stop)
            let growth = try await store.growth(since: stop)
            let root = try #require(MerkleHash(bytes: growth.root))
            #expect(growth.consistency.isEmpty)
            for (size, former) in roots {
                let grown = try await store.growth(since: size)
                let path = grown.consistency.compactMap { MerkleHash(bytes: $0) }
                try ConsistencyProof(first: size, second: stop, path: path).verify(
                    firstRoot: former, secondRoot: root)
            }
            for index in Set([0, 1, stop / 2, stop - 1]) where index < stop {
                let path = try await store.inclusion(of: index, size: stop).compactMap {
                    MerkleHash(bytes: $0)
                }
                let leaf = MerkleHash.leaf(Sample.event(Int(index)).encoded())
                try InclusionProof(index: index, size: stop, path: path).verify(leaf: leaf, root: root)
            }
            roots[stop] = root
        }
        for (size, root) in roots where size > 100 {
            let path = try await store.inclusion(of: 100, size: size).compactMap { MerkleHash(bytes: $0) }
            let leaf = MerkleHash.leaf(Sample.event(100).encoded())
            try InclusionProof(index: 100, size: size, path: path).verify(leaf: leaf, root: root)
        }
    }

    private func fill(_ store: any Storage, to size: UInt64) async throws {
        var next = try await store.treeSize()
        while next < size {
            _ = try await store.record(Entry([], event: Sample.event(Int(next))))
            next += 1
        }
    }

    @Test(arguments: Engine.allCases) func `and proves nothing beyond it`(_ engine: Engine) async throws {
        let store = try await engine.open()
        _ = try await store.record(Entry([], event: Sample.event(0)))
        await #expect(throws: StoreError.conflict(.missing)) { try await store.inclusion(of: 1, size: 1) }
        await #expect(throws: StoreError.conflict(.missing)) { try await store.inclusion(of: 0, size: 2) }
        await #expect(throws: StoreError.conflict(.missing)) { try await store.growth(since: 2) }
        await #expect(throws: StoreError.conflict(.missing)) {
            try await store.keep(checkpoint: "x", size: 2)
        }
    }

    @Test(arguments: Engine.allCases) func `and its checkpoints, newest first`(_ engine: Engine) async throws
    {
        let store = try await engine.open()
        for number in 0..<3 { _ = try await store.record(Entry([], event: Sample.event(number))) }
        for size in [UInt64(1), 3, 2] { try await store.keep(checkpoint: "c\(size)", size: size) }
        try await store.keep(checkpoint: "again", size: 3)
        let kept = [KeptCheckpoint(size: 3, note: "again"), KeptCheckpoint(size: 2, note: "c2")]
        #expect(try await store.checkpoints(limit: 2) == kept)
    }

    @Test(arguments: Engine.allCases) func `C11: one of 100 with the same claim, and its reply for the rest`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let results = await withTaskGroup(of: StoreError?.self) { group in
            for number in 0..<100 {
                let entry = Entry(
                    [.hostStateMoved], event: Sample.event(number), claim: Sample.claim(1),
                    reply: [UInt8(number)])
                group.addTask { await conflict { try await store.record(entry) } }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let reply = try #require(try await store.remembered(Sample.claim(1), at: Sample.noon))
        #expect(reply.receipt == Receipt(index: 0, treeSize: 1))
        #expect(results.filter { $0 == nil }.count == 1)
        #expect(results.filter { $0 == .conflict(.claimed(reply)) }.count == 99)
        #expect(try await store.treeSize() == 1)
        #expect(try await store.hostStateVersion() == 1)
    }

    @Test(arguments: Engine.allCases) func `and a claim runs out`(_ engine: Engine) async throws {
        let store = try await engine.open()
        let brief = Sample.claim(1, body: 1, until: Sample.noon.advanced(by: -1))
        _ = try await store.record(Entry([], event: nil, claim: brief, reply: [1]))
        #expect(try await store.remembered(brief, at: Sample.noon) == nil)
        _ = try await store.record(Entry([], event: nil, claim: Sample.claim(1, body: 2), reply: [2]))
        let reply = try await store.remembered(Sample.claim(1), at: Sample.noon)
        #expect(
            reply
                == RememberedReply(
                    bodyHash: Sample.hash(2), reply: [2], receipt: Receipt(index: nil, treeSize: nil)))
    }
}
