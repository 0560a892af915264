import AuthorityAPI
import AuthorityClient
import Foundation
import Posix
import TestKit
import Testing

@Suite(.servers) struct `Two servers on one PostgreSQL` {
    @Test func `know the same sessions, and each what the other did`() async throws {
        let first = try await Installation(database: try await Engine.postgres.database())
        try await first.enrolAdmin()
        let second = try await Installation(beside: first)
        try await second.adopt(first.home, from: first)
        let there = try await second.reeve("whoami")
        #expect(there.status == 0, "\(there.errors)")

        let added = try await second.reeve(["person", "add", "alice", "--link-only"])
        #expect(added.status == 0, "\(added.errors)")
        let list = try await first.reeve("person", "list")
        #expect(list.output.contains("alice"))
        #expect(try await first.reeve("logout").status == 0)
        let over = try await second.reeve("person", "list")
        #expect(over.status == 4, "a session ended on one node is over on the other: \(over.errors)")
    }

    @Test(.enabled(if: ProcessHardening.isRoot), .timeLimit(.minutes(20)))
    func `carry a revocation on one to the hosts of the other`() async throws {
        let first = try await Installation(database: try await Engine.postgres.database())
        try await first.enrolAdmin()
        let second = try await Installation(beside: first)
        try await second.adopt(first.home, from: first)
        let host = try await EnrolledHost(
            second, name: "web1.example.com", labels: ["env=staging"], login: "daemon")
        try await until("the agent holds a state") { host.stateVersion != nil }
        // By then it listens: it installs what the first event tells it to.
        let before = try #require(host.stateVersion)
        #expect(try await first.reeve("revoke", "--identity", "boss", "--reason", "test").status == 0)
        let revoked = ContinuousClock.now
        try await until("the host has a newer state") { host.stateVersion ?? 0 > before }
        // The aim is one second; the tests beside this one take theirs too.
        #expect(ContinuousClock.now - revoked < .seconds(5))
    }

    @Test func `do not run by one name`() async throws {
        let first = try await Installation(database: try await Engine.postgres.database())
        let copy = first.scratch.path("copy")
        // Files may come and go while it runs.
        try await until("its folder is copied") {
            try await Program.run("/usr/bin/cp", ["-aT", "--remove-destination", first.data, copy]).status
                == 0
        }
        #expect(try await Program.run("/usr/bin/rm", ["\(copy)/signer/signer.sock"]).status == 0)
        let second = try await serve(copy, first.database)
        #expect(second.status == 1)
        #expect(second.errors.contains("another server runs as node"), "\(second.errors)")
    }

    @Test func `do not take the keys of another installation`() async throws {
        let first = try await Installation(database: try await Engine.postgres.database())
        let empty = try await serve(first.scratch.path("empty"), first.database)
        #expect(empty.status == 1)
        #expect(empty.errors.contains("Copy it from another node"), "\(empty.errors)")
        let other = try await Installation()
        try await other.killServer()
        let wrong = try await serve(other.data, first.database)
        #expect(wrong.status == 1)
        #expect(wrong.errors.contains("is not the key that sealed the secrets"), "\(wrong.errors)")
        let sealing = ["-a", "\(first.data)/sealing.key", "\(other.data)/sealing.key"]
        #expect(try await Program.run("/usr/bin/cp", sealing).status == 0)
        let foreign = try await serve(other.data, first.database)
        #expect(foreign.status == 1)
        #expect(foreign.errors.contains("with other keys than the signer's"), "\(foreign.errors)")
    }

    @Test func `are never given a password that everybody can see`() async throws {
        let scratch = Scratch()
        let ending = try await serve(
            scratch.path("data"), "postgresql://keyreeve:hidden-word@localhost/keyreeve")
        #expect(ending.status == 1)
        #expect(ending.errors.contains("PGPASSFILE"))
        #expect(!ending.errors.contains("hidden-word"))
        let file = try scratch.write(
            "[server]\ndatabase = \"postgresql://keyreeve:hidden-word@localhost/keyreeve\"\n",
            to: "shown.toml")
        #expect(try await Program.run("reeved", ["config", "--check", "--config", file]).status == 0)
        #expect(try await Program.run("/usr/bin/chmod", ["644", file]).status == 0)
        let shown = try await Program.run("reeved", ["config", "--check", "--config", file])
        #expect(shown.status == 1)
        #expect(!shown.errors.contains("hidden-word"))
    }

    private func serve(_ data: String, _ database: String?) async throws -> Program.Ending {
        var arguments = ["serve", "--data", data, "--listen", "127.0.0.1:\(try FreePort.find())"]
        if ProcessHardening.isRoot { arguments += ["--user", "nobody"] }
        return try await Program.run("reeved", arguments + (database.map { ["--database", $0] } ?? []))
    }
}
