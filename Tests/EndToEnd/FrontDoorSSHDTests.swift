import Foundation
import Posix
import SSHFormats
import TestKit
import Testing

/// The second way of Docs/FRONT-DOOR.md: OpenSSH's sshd stands at the door. The first way says what it must come to.
@Suite(.servers, .enabled(if: ProcessHardening.isRoot, "sshd needs root"))
struct `The front door behind a stock sshd` {
    @Test(.timeLimit(.minutes(20))) func `says and gives what the door itself does`() async throws {
        let door = try await `The front door`.open(["ann", "ben", "cat", "dan", "eve"])
        let stock = try await StockDoor(door)
        let own = try await door.ssh("ann", ["hosts"])
        let other = try await stock.visit("ben", ["hosts"])
        #expect(other.status == own.status, "\(other.output) \(stock.log)")
        #expect(!own.output.isEmpty && other.output.contains(own.output), "\(other.output)")

        let agents = (try await OwnAgent(), try await OwnAgent())
        let entered = try await door.ssh("cat", options: ["-A"], agent: agents.0.socket)
        let visited = try await stock.visit("dan", [], agent: agents.1.socket)
        #expect(entered.status == 0 && visited.status == 0, "\(visited.output) \(stock.log)")
        let given = try await (principals(agents.0), principals(agents.1))
        #expect(given.0 == ["daemon@env=staging"] && given.0 == given.1)

        let wrong = try await stock.visit("eve", ["whoami"], password: "canary-wrong-password")
        #expect(wrong.status != 0)
        #expect(!wrong.output.contains("identity: eve"))
        #expect(!(wrong.output + stock.log + door.house.scratch.text("log")).contains("canary-wrong"))
    }

    /// Of the certificates in an agent.
    private func principals(_ agent: OwnAgent) async throws -> [String] {
        try await agent.lines().filter { $0.contains("-cert-") }.flatMap {
            try Certificate(text: $0).principals?.names ?? []
        }
    }
}

/// An sshd that runs `reeve-door stdio` for everybody who comes. Whoever comes has a key here, so that no account of this
/// machine has to be without a password.
private final class StockDoor: Sendable {
    private let door: FrontDoor
    private let port: Int
    private let running = Running()

    private var folder: String { "\(door.house.scratch.folder)/stock" }
    var log: String { door.house.scratch.text("stock.log") }

    init(_ door: FrontDoor) async throws {
        self.door = door
        port = try FreePort.find()
        for path in [folder, "/run/sshd"] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        for name in ["host", "key"] {
            _ = try await Program.run(
                "/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "\(folder)/\(name)"])
        }
        let command =
            "\(Program.path("reeve-door")) stdio --data \(door.data) --server \(door.house.url) "
            + "--root \(door.house.data)/tls-root.pem"
        _ = try door.house.scratch.write(
            """
            Port \(port)
            ListenAddress 127.0.0.1
            HostKey \(folder)/host
            PidFile \(folder)/pid
            AuthorizedKeysFile \(folder)/key.pub
            StrictModes no
            UsePAM no
            PermitRootLogin yes
            PermitUserRC no
            AllowTcpForwarding no
            ForceCommand \(command)

            """, to: "stock/sshd_config")
        try running.start(
            "/usr/sbin/sshd", ["-D", "-e", "-f", "\(folder)/sshd_config"],
            log: door.house.scratch.path("stock.log"))
        try await until("sshd listens") { [folder] in FileManager.default.fileExists(atPath: "\(folder)/pid")
        }
    }

    deinit { running.kill() }

    /// Stock ssh at a terminal, with what it showed.
    func visit(
        _ name: String, _ command: [String], agent: String = "", password: String? = nil
    ) async throws -> Program.Ending {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Clients/door-terminal.py").standardized.path
        return try await Program.run(
            "/usr/bin/python3",
            [
                script, name, door.house.scratch.path("\(name).totp"),
                "/usr/bin/ssh", "-F", "none", "-tt", "-A", "-q", "-p", "\(port)", "-i", "\(folder)/key",
                "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no", "-o",
                "UserKnownHostsFile=/dev/null",
                "root@127.0.0.1",
            ] + command,
            environment: ["SSH_AUTH_SOCK": agent],
            input: (password ?? "correct horse \(name) staple") + "\n")
    }
}
