/// A PostgreSQL primary with a synchronous standby; the two change places as often as one likes.
package struct TestPair: Sendable {
    package private(set) var primary: TestPostgres
    package private(set) var standby: TestPostgres
    /// `postgresql://` of both, in an order that stays.
    package let address: String

    package init() async throws {
        primary = try await TestPostgres()
        standby = try await TestPostgres(following: primary)
        address = TestPostgres.address([primary, standby])
        try await wait()
    }

    /// The primary is killed, and the standby takes its place.
    ///
    /// - Returns: When the new primary could be written to.
    package mutating func promote() async throws -> ContinuousClock.Instant {
        try primary.crash()
        try await standby.run("SELECT pg_promote()")
        (primary, standby) = (standby, primary)
        return .now
    }

    /// Makes the former primary the standby, from nothing.
    package func rebuild() async throws {
        try await standby.follow(primary)
        try await wait()
    }

    /// The primary starts to wait for the standby's disk with every commit.
    private func wait() async throws {
        try await primary.run("ALTER SYSTEM SET synchronous_standby_names = '*'")
        try await primary.run("SELECT pg_reload_conf()")
        var state = ""
        let deadline = ContinuousClock.now + .seconds(120)
        while state != "sync\n" {
            guard ContinuousClock.now < deadline else {
                throw TestPostgresFault(description: "the standby is \(state), not in step")
            }
            try await ContinuousClock().sleep(for: .milliseconds(20))  // polls: the server tells nobody
            state = try await primary.run(
                "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'")
        }
    }
}
