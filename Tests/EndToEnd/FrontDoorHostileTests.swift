import Foundation
import Glibc
import Posix
import Testing

/// The front door before strangers: clients of others, floods, bytes that are no SSH, and people who go away.
@Suite(
    .servers,
    .enabled(
        if: ForeignClient.paramiko.isPresent && ForeignClient.asyncssh.isPresent, "make setup installs both"))
struct `The front door before strangers` {
    private func python(
        _ script: String, _ arguments: [String], input: String = ""
    ) async throws
        -> Program.Ending
    {
        try await Program.run(
            "/usr/bin/python3", ["\(ForeignClient.folder)/\(script).py"] + arguments, input: input)
    }

    /// A client of others as this person, with a code that nobody has used yet.
    private func guest(
        _ client: String, _ name: String, _ door: FrontDoor, from source: String
    ) async throws -> Program.Ending {
        let secret = door.house.scratch.text("\(name).totp").trimmingCharacters(in: .whitespacesAndNewlines)
        let soon = Date(timeIntervalSinceNow: 30).formatted(.iso8601)
        let code = try await Program.run("/usr/bin/oathtool", ["--totp", "-b", secret, "-N", soon])
        return try await python(
            "door-guest",
            [client, "\(door.port)", name, "\(door.data)/ssh_host_ed25519_key.pub", source],
            input: "correct horse \(name) staple\n\(code.output)")
    }

    @Test(.timeLimit(.minutes(20)))
    func `lets in clients of others, and gives them nothing but its commands`()
        async throws
    {
        let door = try await `The front door`.open(["ann", "ben", "cat", "dan", "eve"])
        for (client, name) in [("paramiko", "ann"), ("asyncssh", "ben")] {
            let said = try await guest(client, name, door, from: "127.0.4.1")
            #expect(said.output.hasPrefix("identity: \(name)\n"), "\(client): \(said.output) \(said.errors)")
        }
        let greedy = try await guest("greedy", "cat", door, from: "127.0.4.2")
        #expect(greedy.status == 0, "\(greedy.errors)")
        #expect(greedy.output.split(separator: "\n").count == 6, "\(greedy.output)")
        #expect(!greedy.output.contains("LEAK"), "\(greedy.output)")
        let subsystem = try await guest("subsystem", "dan", door, from: "127.0.4.3")
        #expect(subsystem.output.hasPrefix("refused sftp"), "\(subsystem.output) \(subsystem.errors)")
        let left = try await guest("leaving", "eve", door, from: "127.0.4.4")
        #expect(left.output == "left\n", "\(left.errors)")
        try await until("the worker of whoever left has ended") { door.workers.isEmpty }
        #expect(try await door.ssh("eve", ["whoami"]).status == 0)
    }

    @Test(.timeLimit(.minutes(20))) func `gives nothing to whoever has not signed in, by whatever message`()
        async throws
    {
        let door = try await `The front door`.open(["ann"])
        for name in ["ann", "nobody-of-that-name"] {
            let tried = try await python("door-stranger", ["\(door.port)", name])
            let lines = tried.output.split(separator: "\n")
            #expect(lines.count == 29, "\(tried.output) \(tried.errors)")
            for line in lines where !line.hasPrefix("refused ") { Issue.record("\(line)") }
        }
        #expect(!door.log.contains("crashed"), "\(door.log)")
        #expect(try await door.ssh("ann", ["whoami"]).status == 0)
    }

    /// Everything that a client sees of a wrong password, but the time.
    @Test(.timeLimit(.minutes(20))) func `A05 answers alike for names that are and are not`() async throws {
        let door = try await `The front door`.open(["ann"])
        var seen: Set<String> = []
        for name in ["ann", "nobody", "device:ann.test", String(repeating: "n", count: 256)] {
            let said = try await door.ssh(
                "ann", ["whoami"], options: ["-l", name, "-vvv"], password: "wrong wrong wrong")
            #expect(said.status == 255)
            let lines = said.errors.split(whereSeparator: \.isNewline).filter {
                $0.contains("input_userauth") || $0.contains("Authentications") || $0.contains("info_req")
                    || $0.contains("receive packet")
            }
            #expect(lines.contains { $0.contains("type 60") }, "\(said.errors)")
            seen.insert(lines.joined(separator: "\n"))
        }
        #expect(seen.count == 1, "\(seen)")
    }

    @Test(.timeLimit(.minutes(20)), arguments: ["one", "many"])
    func `X07 lets a person in while a thousand connections are half open`(_ spread: String) async throws {
        let door = try await `The front door`.open(["ann", "ben"])
        let flag = try door.house.scratch.write("", to: "hold")
        let crowd = Running()
        defer { crowd.kill() }
        try crowd.start(
            "/usr/bin/python3",
            ["\(ForeignClient.folder)/door-crowd.py", "hold", "\(door.port)", "1000", spread, flag],
            log: door.house.scratch.path("crowd.log"))
        try await until("a thousand are there") { door.house.scratch.text("crowd.log").contains("held") }
        #expect(door.workers.count <= 65)
        let inside = try await door.ssh("ann", ["whoami"], options: ["-b", "127.0.0.5"])
        #expect(inside.status == 0, "\(inside.errors) \(door.log.suffix(2000))")
        try FileManager.default.removeItem(atPath: flag)
        _ = await crowd.ended()
        try await until("all workers have ended") { door.workers.isEmpty }
        #expect(try await door.ssh("ben", ["whoami"], options: ["-b", "127.0.0.6"]).status == 0)
        #expect(door.descriptors < 40)
    }

    @Test(.timeLimit(.minutes(20))) func `outlives opening bytes that were changed`() async throws {
        let door = try await `The front door`.open(["ann"])
        let spoilt = try await python("door-crowd", ["spoil", "\(door.port)", "300", "20261128"])
        #expect(spoilt.output == "spoilt\n", "\(spoilt.errors)")
        #expect(!door.log.contains("crashed"), "\(door.log)")
        #expect(try await door.ssh("ann", ["whoami"]).status == 0)
        try await until("all workers have ended") { door.workers.isEmpty }
    }

    @Test(.timeLimit(.minutes(20))) func `outlives a bit that turns anywhere on the way`() async throws {
        let door = try await `The front door`.open(["ann"])
        let flipped = try await python("door-crowd", ["flip", "\(door.port)", "100"])
        #expect(flipped.output == "100\n", "\(flipped.errors)")
        #expect(!door.log.contains("crashed"), "\(door.log)")
        #expect(try await door.ssh("ann", ["whoami"]).status == 0)
        try await until("all workers have ended") { door.workers.isEmpty }
    }

    @Test(.timeLimit(.minutes(20))) func `has nothing that ssh-audit calls a failure`() async throws {
        guard await SSHAudit.isPresent() else { return print("ssh-audit cannot be had: left out") }
        let door = try await `The front door`.open(["ann"])
        let audit = try await Program.run(
            SSHAudit.program, ["--skip-rate-test", "-n", "-p", "\(door.port)", "127.0.0.1"])
        #expect(audit.output.contains("(key) ssh-ed25519"), "\(audit.errors)")
        #expect(audit.output.contains("compression: disabled"))
        let failures = audit.output.split(separator: "\n").filter { $0.contains("[fail]") }
        #expect(failures.isEmpty, "\(failures)")
        #expect(!door.log.contains("crashed"))
    }

    /// Whoever gets at a worker has that worker.
    @Test(.timeLimit(.minutes(20))) func `loses nothing but one connection when a worker crashes`()
        async throws
    {
        let door = try await `The front door`.open(["ann"])
        let flag = try door.house.scratch.write("", to: "hold")
        let crowd = Running()
        defer { crowd.kill() }
        try crowd.start(
            "/usr/bin/python3",
            ["\(ForeignClient.folder)/door-crowd.py", "hold", "\(door.port)", "4", "many", flag],
            log: door.house.scratch.path("crowd.log"))
        try await until("somebody has a worker") { !door.workers.isEmpty }
        let worker = try #require(door.workers.first)
        try await until("Y04 few system calls are left to it") {
            (try? String(contentsOfFile: "/proc/\(worker)/status", encoding: .utf8))?.contains("Seccomp:\t2")
                ?? false
        }
        #expect(kill(worker, SIGSEGV) == 0)
        try await until("the crash is noted") { door.log.contains("\"ending\":\"crashed\"") }
        #expect(try await door.ssh("ann", ["whoami"]).status == 0)
        try FileManager.default.removeItem(atPath: flag)
    }

    @Test(
        .timeLimit(.minutes(20)), .enabled(if: ProcessHardening.isRoot, "only root can keep keys from itself")
    )
    func `Y04 keeps its keys from the processes that face strangers`() async throws {
        let door = try await `The front door`.open(["ann"])
        let status = try String(contentsOfFile: "/proc/\(door.pid)/status", encoding: .utf8)
        #expect(status.contains("NoNewPrivs:\t1"))
        #expect(!status.contains("Uid:\t0"))
        for key in ["door.key", "ssh_host_ed25519_key"] {
            let read = try await Program.run(
                "/usr/sbin/runuser", ["-u", "nobody", "--", "/usr/bin/cat", "\(door.data)/\(key)"])
            #expect(read.status != 0)
        }
        let dumped = try await Program.run(
            "/usr/sbin/runuser", ["-u", "nobody", "--", "/usr/bin/cat", "/proc/\(door.pid)/environ"])
        #expect(dumped.status != 0, "of another process of the same user")
    }
}

extension FrontDoor {
    /// Open descriptors of the process that listens.
    var descriptors: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd"))?.count ?? 0
    }
}
