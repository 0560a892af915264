import Foundation
import TestKit
import Testing

@Suite(.serialized, .load) struct `A primary killed under three servers` {
    private static let rounds = ProcessInfo.processInfo.environment["KEYREEVE_SOAK"] == nil ? 20 : 50

    /// After each round the former primary is made the standby, so that both addresses have their turn. In every
    /// fourth it first comes back as it was: writable, and asked by servers that have just lost their connections, while
    /// the new primary answers and while it does not.
    @Test(.timeLimit(.minutes(30)))
    func `takes nothing delivered with it, gives no serial twice, and answers a retry as before`()
        async throws
    {
        var pair = try await TestPair()
        let first = try await Installation(database: pair.address)
        try await first.enrolAdmin()
        let nodes = [
            first, try await Installation(beside: first), try await Installation(beside: first),
        ]
        let load = try FailoverLoad(nodes)
        var gaps: [Duration] = []
        for round in 0..<Self.rounds {
            // What is delivered now was waited for by the standby, and with it all that came before.
            try await load.issue(Int.random(in: 10...40), "round \(round)")
            let promoted = try await pair.promote()
            gaps.append(try await load.nextDelivery() - promoted)
            if round.isMultiple(of: 4) { try await comeBack(pair, load) }
            try await pair.rebuild()
        }
        try await load.end()
        let sorted = gaps.sorted()
        print(
            "failover: first certificate after a writable primary answered, \(gaps.count) times: median",
            sorted[sorted.count / 2], "longest", sorted[sorted.count - 1])
        #expect(sorted[sorted.count / 2] < .seconds(5))
        print(
            "failover: \(load.delivered.count) certificates delivered, \(load.retried) asked for again by",
            "their Idempotency-Key")
        try await compare(load.delivered, first)
    }

    private func comeBack(_ pair: TestPair, _ load: FailoverLoad) async throws {
        try pair.standby.start(["synchronous_standby_names="])
        let size = try await pair.standby.run("SELECT size FROM ledger_head")
        try await pair.primary.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'keyreeve'")
        try await load.issue(20, "beside the former primary")
        #expect(try await pair.standby.run("SELECT size FROM ledger_head") == size)
        // Alone it is not used either: everybody knows that its time is over.
        try pair.primary.crash()
        try await load.fail(24, "beside the former primary alone")
        #expect(try await pair.standby.run("SELECT size FROM ledger_head") == size)
        try pair.primary.start()
        try await load.issue(20, "by the primary that is back")
        try pair.standby.crash()
    }

    private func compare(_ delivered: Delivered, _ house: Installation) async throws {
        let export = house.scratch.path("export")
        let exported = try await house.reeve("audit", "export", export)
        #expect(exported.status == 0, "\(exported.errors)")
        let verified = try await house.reeve("audit", "verify", export)
        #expect(verified.status == 0, "\(verified.errors)")
        let recorded = try Recorded(export: export)
        #expect(recorded.repeated.isEmpty, "serials recorded twice: \(recorded.repeated)")
        // A request whose answer was lost was not done a second time by its retry.
        let unheard = Set(recorded.hashes.keys).subtracting(delivered.all.keys)
        #expect(unheard.count <= FailoverLoad.width, "recorded, but delivered to nobody: \(unheard)")
        for (serial, hashes) in delivered.all {
            #expect(Set(hashes).count == 1, "serial \(serial) was delivered with different bytes")
            #expect(recorded.hashes[serial] == hashes.first, "serial \(serial) is not recorded as delivered")
        }
    }
}
