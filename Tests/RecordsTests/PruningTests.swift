import Authority
import Ledger
import SSHFormats
import Testing

@testable import Records

/// L08: what is forgotten on purpose leaves its hash behind.
@Suite struct `A pruned ledger` {
    private static let noon = Sample.noon

    /// 700 events, one a minute; a checkpoint covers the first 600.
    private func filled(_ records: Records) async throws {
        for number in 0..<700 {
            let event = Event(
                time: Self.noon.advanced(by: Int64(number) * 60), action: .denied, actor: nil,
                requestID: "r\(number)", source: "192.0.2.1")
            _ = try await records.record(Entry([], event: event))
            if number == 599 { try await records.keep(checkpoint: "a note", size: 600) }
        }
    }

    private func records(_ engine: Engine) async throws -> Records {
        engine == .postgres ? try await PostgresPlace().records() : try await TemporaryFolder().records()
    }

    @Test(arguments: [Engine.sqlite, .postgres])
    func `L08 proves what is kept, and that what is gone was there`(_ engine: Engine) async throws {
        let records = try await records(engine)
        try await filled(records)
        let before = try await records.growth(since: 0)
        let hashes = try await records.leaves(from: 0, limit: 700).map(\.hash)
        let pruned = try await records.prune(before: Self.noon.advanced(by: 300 * 60))
        #expect(pruned == Pruned(events: 300, newly: 300, certificates: 0))

        #expect(try await records.inspect() == nil)
        let leaves = try await records.leaves(from: 0, limit: 1_000)
        #expect(leaves.count == 701, "the pruning is an event itself")
        #expect(leaves.prefix(300).allSatisfy { $0.bytes.isEmpty })
        #expect(leaves.dropFirst(300).allSatisfy { MerkleHash.leaf($0.bytes).bytes == $0.hash })
        #expect(leaves.prefix(700).map(\.hash) == hashes)
        #expect(
            String(decoding: leaves[700].bytes, as: UTF8.self).contains(
                "\"action\":\"ledger.pruned\"")
                && String(decoding: leaves[700].bytes, as: UTF8.self)
                    .contains("\"events\":300")
        )

        let root = try #require(MerkleHash(bytes: before.root))
        for index in [UInt64(0), 299, 300, 511, 699] {
            let path = try await records.inclusion(of: index, size: 700).compactMap { MerkleHash(bytes: $0) }
            let leaf = try #require(MerkleHash(bytes: hashes[Int(index)]))
            try InclusionProof(index: index, size: 700, path: path).verify(leaf: leaf, root: root)
        }
        let growth = try await records.growth(since: 700)
        let path = growth.consistency.compactMap { MerkleHash(bytes: $0) }
        let now = try #require(MerkleHash(bytes: growth.root))
        try ConsistencyProof(first: 700, second: 701, path: path).verify(firstRoot: root, secondRoot: now)

        let again = try await records.prune(before: Self.noon.advanced(by: 300 * 60))
        #expect(again.newly == 0)
        #expect(try await records.treeSize() == 701, "nothing to do is no event")
    }

    @Test func `L08 never goes beyond what a checkpoint covers`() async throws {
        let records = try await records(.sqlite)
        try await filled(records)
        #expect(try await records.prune(before: Self.noon.advanced(by: 1 << 30)).events == 600)
        #expect(try await records.leaves(from: 600, limit: 1).first?.bytes.isEmpty == false)
    }

    @Test func `L08 content that is gone without having been pruned is damage`() async throws {
        let folder = try TemporaryFolder()
        let records = try await folder.records()
        try await filled(records)
        _ = try await records.prune(before: Self.noon.advanced(by: 100 * 60))
        try await records.connection.writing { session throws(StoreError) in
            try session.run("UPDATE event SET bytes = x'' WHERE idx = 100", [])
        }
        #expect(try await records.firstDamage() == 100)
        try await records.connection.writing { session throws(StoreError) in
            try session.run("UPDATE event SET bytes = x'00', leaf_hash = x'00' WHERE idx = 50", [])
        }
        #expect(try await records.firstDamage() == 50)
    }

    @Test func `L08 is finished after a crash in the middle`() async throws {
        let records = try await records(.sqlite)
        try await filled(records)
        try await records.connection.writing { session throws(StoreError) in
            try PruningMark.move(to: 200, session)
        }
        #expect(try await records.inspect() == nil)
        #expect(try await records.prune(before: Self.noon.advanced(by: 100 * 60)).events == 200)
        #expect(try await records.leaves(from: 0, limit: 200).allSatisfy { $0.bytes.isEmpty })
    }
}
