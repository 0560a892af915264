import Authority
import Records
import TestKit
import Testing

@Suite(.servers) struct `A primary that is replaced under three nodes` {
    @Test(.timeLimit(.minutes(20)))
    func `takes nothing confirmed with it, and is not written to when it comes back`() async throws {
        let primary = try await TestPostgres()
        let standby = try await TestPostgres(following: primary)
        try await primary.run("ALTER SYSTEM SET synchronous_standby_names = '*'")
        try await primary.run("SELECT pg_reload_conf()")
        let load = try await NodesUnderLoad(try PostgresAddress(TestPostgres.address([primary, standby])))
        try await until { load.told.kept.count > 100 }

        try primary.crash()
        try await standby.run("SELECT pg_promote()")
        let promoted = ContinuousClock.now
        let before = load.told.kept.count
        try await until { load.told.kept.count > before }
        #expect(ContinuousClock.now - promoted < .seconds(5))

        // The former primary comes back, writable, and stands first in everybody's list.
        try primary.start(["synchronous_standby_names="])
        let old = try await primary.run("SELECT size FROM ledger_head")
        for _ in 0..<3 {
            try await standby.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'keyreeve'")
            let before = load.told.kept.count
            try await until { load.told.kept.count > before + 20 }
        }
        #expect(try await primary.run("SELECT size FROM ledger_head") == old)
        try await load.end()
    }

    @Test(.timeLimit(.minutes(20)))
    func `is known by a node that was started anew and finds nobody else`() async throws {
        let primary = try await TestPostgres()
        let standby = try await TestPostgres(following: primary)
        let both = try PostgresAddress(TestPostgres.address([primary, standby]))
        let file = TimelineFile("\(try TemporaryFolder().path)/database.timeline")
        let first = try await Records(
            try await PostgresConnection(both, node: nil, timeline: file), now: { Sample.noon })
        try primary.crash()
        try await standby.run("SELECT pg_promote()")
        try await until { (try? await first.keep(.hostStateMoved)) != nil }
        await first.close()

        try standby.crash()
        try primary.start()
        await #expect(throws: RecordsError.postgres(.stale)) {
            try await PostgresConnection(both, node: nil, timeline: file)
        }
        try standby.start()
        let again = try await Records(
            try await PostgresConnection(both, node: nil, timeline: file), now: { Sample.noon })
        #expect(try await again.hostStateVersion() > 0)
    }

    @Test(.timeLimit(.minutes(20)))
    func `is waited for when it lost what was confirmed`() async throws {
        let primary = try await TestPostgres()
        let standby = try await TestPostgres(following: primary)
        let address = try PostgresAddress(TestPostgres.address([primary, standby]))
        let records = try await Records(
            try await PostgresConnection(address, node: nil), now: { Sample.noon })
        try await records.keep(.hostStateMoved)
        try await until {
            (try? await standby.run("SELECT value FROM counter WHERE name = 'hostState'")) == "1\n"
        }
        // The standby misses a commit, for which nobody waits.
        try standby.crash()
        try await records.keep(.hostStateMoved)
        try primary.crash()
        try standby.start()
        try await standby.run("SELECT pg_promote()")
        for _ in 0..<20 {
            #expect(await conflict { try await records.keep(.hostStateMoved) } == .busy)
            await #expect(throws: (any Error).self) { try await records.hostStateVersion() }
        }
        let again = try await Records(
            try await PostgresConnection(address, node: nil), now: { Sample.noon })
        try await again.keep(.hostStateMoved)
    }
}
