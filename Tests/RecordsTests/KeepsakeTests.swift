import Authority
import Records
import SSHFormats
import Testing

@Suite struct `The records of one installation` {
    @Test func `keep origin and seal of the first start`() async throws {
        let records = try await TemporaryFolder().records()
        #expect(try await records.keepsake() == Keepsake(origin: nil, sealCheck: nil, epoch: 1))
        try await records.keep(origin: "ca.example.com", sealCheck: [1, 2])
        try await records.keep(origin: "other.example.com", sealCheck: [3])
        let kept = Keepsake(origin: "ca.example.com", sealCheck: [1, 2], epoch: 1)
        #expect(try await records.keepsake() == kept)
    }

    @Test func `know the root of every size that they had`() async throws {
        let records = try await TemporaryFolder().records()
        var roots: [[UInt8]] = [try await records.growth(since: 0).root]
        for number in 0..<5 {
            _ = try await records.record(Entry([], event: Sample.event(number)))
            roots.append(try await records.growth(since: 0).root)
        }
        for (size, root) in roots.enumerated() {
            #expect(try await records.root(size: UInt64(size)) == root)
        }
        await #expect(throws: StoreError.conflict(.missing)) { try await records.root(size: 6) }
    }

    @Test func `I3: go on from a backup with a later epoch and with serials that nobody has`() async throws {
        let records = try await TemporaryFolder().records()
        let alice = try Sample.person()
        try await records.keep(
            .identityAdded(alice), .linkMade(Sample.link(1, for: alice.id)),
            .sessionStarted(try Sample.session("s", of: alice.id), tokenHash: Sample.hash(2)))
        #expect(try await records.reserveSerials(node: "a", count: 10) == 1...10)
        let version = try await records.hostStateVersion()
        let time = Sample.noon.seconds
        let restored = try await records.restore(at: Sample.noon)
        #expect(restored == Restored(epoch: time, firstSerial: time << 20))
        #expect(try await records.keepsake().epoch == time)
        #expect(try await records.hostStateVersion() == version + 1)
        #expect(try await records.session(tokenHash: Sample.hash(2))?.session.endedAt == Sample.noon)
        #expect(try await records.link(tokenHash: Sample.hash(1)) == nil)
        let first = time << 20
        #expect(try await records.reserveSerials(node: "a", count: 2) == first...(first + 1))
        #expect(try await records.revoked(.host, at: Sample.noon).serials == [11...(first - 1)])
        #expect(try await records.leaves(from: 0, limit: 9).count == 1)
        #expect(try await records.firstDamage() == nil)
    }

    @Test func `are not restored by a clock that stands before the last time`() async throws {
        let records = try await TemporaryFolder().records()
        _ = try await records.restore(at: Sample.noon)
        for seconds in [Int64(0), -1] {
            await #expect(throws: StoreError.self) {
                try await records.restore(at: Sample.noon.advanced(by: seconds))
            }
        }
        _ = try await records.restore(at: Sample.noon.advanced(by: 1))
    }
}
