import Authority
import Ledger
import SSHFormats
import Testing

@testable import Records

@Suite struct `Serials of a node that is gone` {
    enum Place: CaseIterable { case sqlite, postgres }

    /// Two nodes on one database.
    private func nodes(_ place: Place) async throws -> (staying: Records, going: Records) {
        switch place {
        case .sqlite:
            let shared = SharedConnection(try SQLiteConnection(path: try TemporaryFolder().database))
            return (
                try await Records(shared, now: { Sample.noon }),
                try await Records(shared, now: { Sample.noon })
            )
        case .postgres:
            let place = try await PostgresPlace()
            return (try await place.records(node: "a"), try await place.records(node: "b"))
        }
    }

    /// Looks once more than patience asks for: the first look only begins to count.
    private func wait(
        _ sweep: SerialSweep, _ between: () async throws -> Void = {}
    ) async throws
        -> [ClosedRange<UInt64>]
    {
        var voided: [ClosedRange<UInt64>] = []
        for _ in 0...SerialSweep.patience {
            try await between()
            voided += try await sweep.look()
        }
        return voided
    }

    @Test(arguments: Place.allCases) func `are void in the KRL soon, but for those that were recorded`(
        _ place: Place
    ) async throws {
        let (staying, going) = try await nodes(place)
        let alice = try Sample.person()
        try await staying.keep(.identityAdded(alice))
        #expect(try await staying.reserveSerials(node: "a", count: 4) == 1...4)
        #expect(try await going.reserveSerials(node: "b", count: 6) == 5...10)
        try await going.keep(.certificateIssued(try Sample.certificate(7, for: alice.id)))
        let before = try await staying.hostStateVersion()
        let sweep = SerialSweep(staying)
        for _ in 0..<SerialSweep.patience {
            try await staying.beat()
            #expect(try await sweep.look() == [])
        }
        try await staying.beat()
        #expect(try await sweep.look() == [5...6, 8...10])
        #expect(try await staying.revoked(.user, at: Sample.noon).serials == [5...6, 8...10])
        #expect(try await staying.hostStateVersion() > before, "hosts are told")
        let event = try #require(try await staying.leaves(from: 0, limit: 9).last)
        let text = String(decoding: event.bytes, as: UTF8.self)
        #expect(text.contains("serials.voided") && text.contains("8-10"))
        #expect(try await wait(sweep, staying.beat) == [], "once is enough")
        #expect(try await staying.reserveSerials(node: "a", count: 1) == 11...11)
    }

    @Test(arguments: Place.allCases)
    func `cannot be recorded by it any more, if it was frozen and comes back`(
        _ place: Place
    ) async throws {
        let (staying, frozen) = try await nodes(place)
        let alice = try Sample.person()
        try await staying.keep(.identityAdded(alice))
        #expect(try await frozen.reserveSerials(node: "b", count: 6) == 1...6)
        #expect(try await wait(SerialSweep(staying)) == [1...6])
        for device in [nil, alice.id] {
            let entry = Entry(
                [.certificateIssued(try Sample.certificate(3, for: alice.id, device: device))],
                event: Sample.event(1), claim: Sample.claim(1), reply: [1])
            await #expect(throws: StoreError.conflict(.serialVoid)) { try await frozen.record(entry) }
        }
        #expect(try await frozen.certificate(.user, serial: 3) == nil)
        #expect(try await frozen.remembered(Sample.claim(1), at: Sample.noon) == nil)
        #expect(try await frozen.reserveSerials(node: "b", count: 2) == 7...8)
        try await frozen.keep(.certificateIssued(try Sample.certificate(7, for: alice.id)))
        #expect(
            await conflict {
                try await frozen.keep(.certificateIssued(try Sample.certificate(7, for: alice.id)))
            }
                == .conflict(.exists))
        #expect(try await staying.revoked(.user, at: Sample.noon).serials == [1...6])
    }

    @Test(arguments: Place.allCases) func `are left alone while it beats, or takes a block`(
        _ place: Place
    ) async throws {
        let (staying, other) = try await nodes(place)
        _ = try await other.reserveSerials(node: "b", count: 6)
        let sweep = SerialSweep(staying)
        #expect(try await wait(sweep, other.beat) == [])
        for _ in 0..<SerialSweep.patience { _ = try await sweep.look() }
        _ = try await other.reserveSerials(node: "b", count: 6)
        #expect(try await sweep.look() == [])
    }

    @Test func `are not voided by a node that has lost its lease`() async throws {
        let (old, other) = try await nodes(.sqlite)
        _ = try await other.reserveSerials(node: "c", count: 6)
        let sweep = SerialSweep(old)
        for _ in 0..<SerialSweep.patience { _ = try await sweep.look() }
        let (first, second) = (Lease("serials", old), Lease("serials", other))
        await #expect(throws: StoreError.conflict(.versionMoved)) {
            try await first.perform {
                try await first.release()
                #expect(try await second.perform {})
                try await sweep.look()
            }
        }
        #expect(try await other.revoked(.user, at: Sample.noon).serials == [])
    }
}
