import Foundation
import Synchronization
import TestKit
import Testing

@Suite(.servers) struct `A PostgreSQL that has no connection left` {
    @Test(.timeLimit(.minutes(20)))
    func `leaves 503 with Retry-After and the public lists, and is used again without a restart`()
        async throws
    {
        // Three of them are kept for superusers, which the server's role is not.
        let server = try await TestPostgres(["max_connections=20", "superuser_reserved_connections=3"])
        try await server.run("CREATE ROLE house LOGIN")
        try await server.run("CREATE ROLE stranger LOGIN")
        try await server.run("CREATE DATABASE house OWNER house")
        let address = server.address.replacing("//keyreeve@/postgres?", with: "//house@/house?")
        let house = try await Installation(database: address)
        try await house.enrolAdmin()
        let strangers = Strangers(server)

        try await strangers.takeAllConnections()
        #expect(try await house.reeve("person", "list").status == 0, "it keeps the connections that it has")

        // It loses them, and the strangers are quicker.
        try await server.run("ALTER ROLE house CONNECTION LIMIT 0")
        try await server.run(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = 'house'")
        try await strangers.takeAllConnections()
        try await server.run("ALTER ROLE house CONNECTION LIMIT -1")

        try await expectRefusals(of: house)
        #expect(
            try await server.run("SELECT count(*) FROM pg_stat_activity WHERE usename = 'house'") == "0\n")
        try await strangers.leave()
        try await until("it lists persons again") { try await house.reeve("person", "list").status == 0 }
        try await until("it records again") {
            try await house.reeve("person", "add", "alice", "--link-only").status == 0
        }
    }

    private func expectRefusals(of house: Installation) async throws {
        let ready = try await get(house, "/readyz")
        #expect(ready.contains("503"))
        #expect(ready.contains("database"))
        let refused = try await get(house, "/v1/ledger/checkpoint")
        #expect(refused.hasPrefix("HTTP/1.1 503"), "\(refused)")
        #expect(refused.lowercased().contains("retry-after: "))
        let crowd = try await Program.run(
            "/usr/bin/curl",
            ["-sk", "--max-time", "60", "--parallel", "--parallel-max", "100", "-o", "/dev/null", "-w"]
                + ["%{http_code}\n", "\(house.url)/v1/ledger/checkpoint#[1-300]"])
        let codes = crowd.output.split(separator: "\n")
        #expect(codes.count == 300)
        #expect(Set(codes) == ["503"])
        for path in ["/livez", "/v1/authority", "/v1/krl/user"] {
            #expect(try await get(house, path).hasPrefix("HTTP/1.1 200"), "\(path)")
        }
        let busy = try await house.reeve("person", "list")
        #expect(busy.status != 0)
        #expect(busy.errors.contains("busy"), "\(busy.errors)")
    }

    private func get(_ house: Installation, _ path: String) async throws -> String {
        try await Program.run("/usr/bin/curl", ["-ski", "--max-time", "20", "\(house.url)\(path)"]).output
    }
}

/// Others who use the same PostgreSQL, each with a connection that they do not give back.
private final class Strangers: Sendable {
    private static let psql = "/usr/lib/postgresql/15/bin/psql"
    private let server: TestPostgres
    private let address: String
    private let scratch = Scratch()
    private let present = Mutex<[Running]>([])

    init(_ server: TestPostgres) {
        self.server = server
        address = server.address.replacing("//keyreeve@", with: "//stranger@")
    }

    deinit { for stranger in present.withLock({ $0 }) { stranger.kill() } }

    /// Returns once the server has refused one of them.
    func takeAllConnections() async throws {
        try await until("no connection is left") {
            for _ in 0..<4 { try self.enter() }
            let last = try await Program.run(Self.psql, ["-Xd", self.address, "-c", "SELECT 1"])
            return last.status != 0 && last.errors.contains("connection slots")
        }
    }

    /// Who sleeps does not notice that nobody waits any more.
    func leave() async throws {
        try await server.run(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = 'stranger'")
    }

    private func enter() throws {
        let stranger = Running()
        try stranger.start(
            Self.psql, ["-Xd", address, "-c", "SELECT pg_sleep(3600)"], log: scratch.path("log"))
        present.withLock { $0.append(stranger) }
    }
}
