import Foundation
import Posix
import Testing

/// A clock that the test sets while a program runs by it (faketime(1)). What only grows is left alone.
private struct FakeClock {
    private let scratch = Scratch()

    private var file: String { scratch.path("clock") }

    init() throws {
        _ = try scratch.write("+0\n", to: "clock")
        for path in [file, (file as NSString).deletingLastPathComponent] {
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
    }

    /// - Parameter difference: To the real one, such as `+600`.
    func set(_ difference: String) throws {
        try "\(difference)\n".write(toFile: file, atomically: false, encoding: .utf8)
    }

    /// Its signer keeps the real one: it leaves itself no system call for files of others.
    func variables(for program: String) -> [String: String] {
        [
            "LD_PRELOAD": "libfaketimeMT.so.1", "LD_LIBRARY_PATH": "/usr/lib/\(Self.machine)/faketime",
            "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_ONLY_CMDS": program,
        ]
    }

    #if arch(arm64)
        private static let machine = "aarch64-linux-gnu"
    #else
        private static let machine = "x86_64-linux-gnu"
    #endif
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

    @Test(.timeLimit(.minutes(20)))
    func `a server whose clock jumps says so, goes on, and is content when that is undone`() async throws {
        let clock = try FakeClock()
        let house = try await Installation(variables: clock.variables(for: "reeved"))
        try await house.enrolAdmin()
        #expect(try await !house.readiness().body.contains("the clock jumped"))
        try clock.set("-7200")
        try await until("the jump is seen") {
            try await house.readiness().body.contains("the clock jumped")
        }
        let readiness = try await house.readiness()
        #expect(readiness.status == "200" && readiness.body.contains("s less than before"), "\(readiness)")
        #expect(readiness.body.contains("s behind the newest event"), "\(readiness)")
        let metrics = try await Program.run("/usr/bin/curl", ["-sk", "\(house.url)/metrics"]).output
        #expect(metrics.contains("keyreeve_clock_jumps_total{direction=\"backward\"} 1"))
        #expect(metrics.contains("keyreeve_clock_jumps_total{direction=\"forward\"} 0"))
        let log = house.scratch.text("log")
        #expect(log.contains("ALARM: the clock jumped") && log.contains("clock-behind-ledger"))
        try clock.set("+0")
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
