import Authority
import Records
import Testing

@Suite struct `The records of one installation` {
    @Test func `keep origin and seal of the first start`() async throws {
        let records = try await TemporaryFolder().records()
        #expect(try await records.installation() == Installation(origin: nil, sealCheck: nil, epoch: 1))
        try await records.keep(origin: "ca.example.com", sealCheck: [1, 2])
        try await records.keep(origin: "other.example.com", sealCheck: [3])
        let kept = Installation(origin: "ca.example.com", sealCheck: [1, 2], epoch: 1)
        #expect(try await records.installation() == kept)
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
}
