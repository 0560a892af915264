import Foundation
import Posix
import SSHFormats
import TestKit
import Testing

/// The second way of Docs/FRONT-DOOR.md: a stock sshd in the front door's place. Each holds the other to its word.
@Suite(.servers, .enabled(if: ProcessHardening.isRoot, "sshd needs root"))
struct `A stock sshd as front door` {
    /// An sshd that runs the door for whoever comes; in the test that is root, by a key.
    private final class StockDoor: Sendable {
        let folder = "/var/lib/keyreeve-test-\(UUID().uuidString)"
        let port: Int
        private let sshd = Running()

        init(_ door: FrontDoor) async throws {
            port = try FreePort.find()
            let manager = FileManager.default
            try manager.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
            try manager.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
            for key in ["ssh_host_ed25519_key", "guest"] {
                _ = try await Program.run(
                    "/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "\(folder)/\(key)"])
            }
            let command =
                "\(Program.path("reeve-door")) stdio --data \(door.data) --server \(door.house.url) "
                + "--root \(door.house.data)/tls-root.pem"
            let configuration = """
                Port \(port)
                ListenAddress 127.0.0.1
                HostKey \(folder)/ssh_host_ed25519_key
                PidFile \(folder)/sshd.pid
                AuthorizedKeysFile \(folder)/guest.pub
                PermitRootLogin forced-commands-only
                ForceCommand \(command)
                AllowTcpForwarding no
                X11Forwarding no
                UsePAM no

                """
            try Data(configuration.utf8).write(to: URL(fileURLWithPath: "\(folder)/sshd_config"))
            try sshd.start(
                "/usr/sbin/sshd", ["-D", "-e", "-f", "\(folder)/sshd_config"], log: "\(folder)/sshd.log")
            try await until("sshd listens") { [folder] in manager.fileExists(atPath: "\(folder)/sshd.pid") }
        }

        deinit {
            sshd.kill()
            try? FileManager.default.removeItem(atPath: folder)
        }

        /// Comes as this person, and answers at a terminal.
        func visit(
            _ name: String, _ door: FrontDoor, _ command: [String] = [], options: [String] = [],
            agent: String = ""
        ) async throws -> Program.Ending {
            let secret = door.house.scratch.text("\(name).totp")
            let soon = Date(timeIntervalSinceNow: 30).formatted(.iso8601)
            let code = try await Program.run("/usr/bin/oathtool", ["--totp", "-b", secret, "-N", soon])
            let answers = "Name\t\(name)\nassword\tcorrect horse \(name) staple\nCode\t\(code.output)"
            return try await Program.run(
                "/usr/bin/python3",
                [
                    "\(ForeignClient.folder)/door-terminal.py", "/usr/bin/ssh", "-F", "none", "-tt", "-p",
                    "\(port)",
                    "-i", "\(folder)/guest", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no",
                    "-o",
                    "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
                ] + options + ["root@127.0.0.1"] + command,
                environment: ["SSH_AUTH_SOCK": agent], input: answers)
        }
    }

    @Test(.timeLimit(.minutes(20))) func `does and says the same as the door of our own`() async throws {
        let door = try await `The front door`.open(["ann", "ben", "cat", "dan"])
        let stock = try await StockDoor(door)
        for command in [["hosts"], ["explain", "root@db1.example.com"]] {
            let (first, second) = command == ["hosts"] ? ("ann", "ben") : ("cat", "dan")
            let ours = try await door.ssh(first, command)
            let theirs = try await stock.visit(second, door, command)
            #expect(ours.status == theirs.status, "\(theirs.output) \(theirs.errors)")
            let shown = ours.output.replacing(first, with: second)
            #expect(theirs.output.hasSuffix(shown), "\(shown) is not the end of \(theirs.output)")
            #expect(!theirs.output.contains("correct horse"), "passwords are not shown")
        }
    }

    @Test(.timeLimit(.minutes(20))) func `puts the same certificate into the agent`() async throws {
        let door = try await `The front door`.open(["ann", "ben"])
        let stock = try await StockDoor(door)
        let (ours, theirs) = (try await OwnAgent(), try await OwnAgent())
        let first = try await door.ssh("ann", options: ["-A"], agent: ours.socket)
        #expect(first.status == 0, "\(first.errors)")
        let second = try await stock.visit("ben", door, options: ["-A"], agent: theirs.socket)
        #expect(second.status == 0, "\(second.output) \(second.errors)")
        var told: [[String]] = []
        for agent in [ours, theirs] {
            let lines = try await agent.lines()
            #expect(lines.count == 2)
            let certificate = try Certificate(text: try #require(lines.first { $0.contains("-cert-") }))
            told.append(certificate.principals?.names ?? [])
        }
        #expect(told[0] == told[1] && told[0] == ["daemon@env=staging"])
    }
}
