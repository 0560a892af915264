import Foundation
import Posix
import Testing

/// A clock that the test sets while a server goes by it (Tests/Clients/wrong-clock.c).
private struct FakeClock {
    private static let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Clients/wrong-clock.c").path

    private let scratch = Scratch()
    private var file: String { scratch.path("clock") }

    init() async throws {
        let made = try await Program.run(
            "/usr/bin/cc", ["-shared", "-fPIC", "-Wall", "-o", scratch.path("clock.so"), Self.source])
        guard made.status == 0 else { throw Failure("cc: \(made.errors)") }
        _ = try scratch.write("0\n", to: "clock")
        for path in [file, scratch.path("clock.so")] {
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
    }

    /// - Parameter difference: To the real one, in seconds.
    func set(_ difference: Int) throws {
        try "\(difference)\n".write(toFile: file, atomically: false, encoding: .utf8)
    }

    var variables: [String: String] { ["LD_PRELOAD": scratch.path("clock.so"), "TEST_CLOCK": file] }
}

/// Programs whose clock is wrong, by faketime(1), against a server whose clock is right.
@Suite(
    .servers,
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: "/usr/bin/faketime"), "make setup installs faketime")
)
struct `With a wrong clock, N09` {
    /// The server's certificate is minutes old: a clock that is behind meets it before anything is asked.
    private static let minutes = [
        ("+600", "the clock here is 10 minutes ahead of the authority's"), ("-600", "and here it is "),
    ]
    private static let years = ["+31536000", "-31536000"]

    @Test(.timeLimit(.minutes(20))) func `reeve says so instead of blaming the server`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        for (clock, words) in Self.minutes {
            let ending = try await reeve(house, clock, "person", "list")
            #expect(ending.status == 2 && ending.errors.contains(words), "\(ending)")
        }
        for clock in Self.years {
            // The session seems to have ended, or the certificate of the server not to count.
            let ending = try await reeve(
                house, clock, "login", "--answers-file", house.scratch.path("boss.answers"),
                "--totp-secret-file", house.scratch.path("boss.totp"))
            #expect(ending.status == 2 && ending.errors.contains("here it is "), "\(ending)")
            #expect(ending.errors.contains("counts from") && !ending.errors.contains("enrol again"))
        }
        #expect(try await house.reeve("person", "list").status == 0)
    }

    @Test(.enabled(if: ProcessHardening.isRoot), .timeLimit(.minutes(20)))
    func `the agent of a host says so, and changes nothing`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        let host = try await EnrolledHost(house, name: "web1.example.com", labels: [], login: "daemon")
        await host.stopAgent()
        let version = host.stateVersion
        #expect(try await house.reeve("host", "add", "db1.example.com").status == 0)
        for clock in Self.minutes.map(\.0) + Self.years {
            let round = try await host.agent("sync", clock: clock)
            #expect(round.status == 1 && round.errors.contains("clock-wrong"), "\(clock): \(round)")
            let status = try await host.agent("status")
            #expect(status.output.contains("FAULT        clock-wrong"), "\(clock): \(status)")
            #expect(host.stateVersion == version)
        }
        let round = try await host.agent("sync")
        #expect(round.status == 0, "\(round)")
    }

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/cc")), .timeLimit(.minutes(20))
    )
    func `a server whose clock jumps says so, goes on, and is content when that is undone`() async throws {
        let clock = try await FakeClock()
        let house = try await Installation(variables: clock.variables)
        try await house.enrolAdmin()
        #expect(try await !house.readiness().body.contains("the clock jumped"))
        try clock.set(-7_200)
        try await until("the jump is seen, and what it contradicts") {
            try await house.readiness().body.contains("s behind the newest event")
        }
        let readiness = try await house.readiness()
        #expect(readiness.status == "200", "\(readiness)")
        #expect(readiness.body.contains("the clock jumped"), "\(readiness)")
        #expect(readiness.body.contains("s less than before"), "\(readiness)")
        let metrics = try await Program.run("/usr/bin/curl", ["-sk", "\(house.url)/metrics"]).output
        #expect(metrics.contains("keyreeve_clock_jumps_total{direction=\"backward\"} 1"))
        #expect(metrics.contains("keyreeve_clock_jumps_total{direction=\"forward\"} 0"))
        try await until("the log says so") {
            let log = house.scratch.text("log")
            return log.contains("ALARM: the clock jumped") && log.contains("clock-behind-ledger")
        }
        try clock.set(0)
        try await until("it is undone") {
            try await !house.readiness().body.contains("the clock jumped")
        }
        #expect(try await house.reeve("person", "list").status == 0)
    }

    private func reeve(
        _ house: Installation, _ clock: String, _ arguments: String...
    ) async throws -> Program.Ending {
        try await Program.run(
            "/usr/bin/faketime", ["-f", clock, Program.path("reeve")] + arguments,
            environment: ["REEVE_HOME": house.home, "SSH_AUTH_SOCK": ""])
    }
}
