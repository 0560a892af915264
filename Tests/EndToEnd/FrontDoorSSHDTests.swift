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

    @Test(
        .timeLimit(.minutes(20)),
        .enabled(if: PAMHouse.isPossible, "needs libpam-oath and libpam-google-authenticator"))
    func `asks for what grants want, once it knows what the visitor wants`() async throws {
        let pam = try await `The front door and further factors`.stack()
        let door = try await `The front door and further factors`.open(
            ["ann", "ben", "cat", "dan", "eve"], pam)
        let stock = try await StockDoor(door)
        let agent = try await OwnAgent()
        let both = try await stock.visit(
            "ann", [], agent: agent.socket, as: "ann/pam", password: "open sesame\ncode")
        #expect(both.status == 0, "\(both.output) \(stock.log)")
        #expect(try await principals(agent) == ["daemon@env=staging", "root@env=prod"])
        #expect(both.output.contains("Grant prod asks for totp too. An empty answer leaves it out."))
        // Where nothing of it is needed, nothing is asked.
        let who = try await stock.visit("ben", ["whoami"], as: "ben/pam", password: "open sesame\nunused")
        #expect(who.status == 0 && who.output.contains("factors: pam\n"), "\(who.output)")

        let (empty, wrong) = (try await OwnAgent(), try await OwnAgent())
        let skipped = try await stock.visit(
            "cat", [], agent: empty.socket, as: "cat/pam", password: "open sesame\n\n")
        #expect(skipped.status == 0, "\(skipped.output)")
        #expect(try await principals(empty) == ["daemon@env=staging"])
        #expect(skipped.output.contains("Left out: root by grant prod"), "\(skipped.output)")
        let refused = try await stock.visit(
            "dan", [], agent: wrong.socket, as: "dan/pam", password: "open sesame\n000000\n000001\n000002")
        #expect(refused.status == 0, "\(refused.output)")
        #expect(refused.output.contains("too many answers were refused"), "\(refused.output)")
        #expect(try await principals(wrong) == ["daemon@env=staging"])

        // An ssh key of the forwarded agent, as a way in and where a grant wants it.
        let key = try await Self.registered("eve", door)
        let keyed = try await stock.visit(
            "eve", ["whoami"], agent: key.socket, as: "eve/sshkey+totp", password: "-")
        #expect(keyed.output.contains("factors: sshkey totp\n"), "\(keyed.output) \(stock.log)")
    }

    /// An agent with an ssh key that this person has registered as a factor.
    static func registered(_ name: String, _ door: FrontDoor) async throws -> OwnAgent {
        let agent = try await OwnAgent()
        let file = door.house.scratch.path("\(name)-\(UUID().uuidString)")
        for (program, arguments) in [
            ("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]),
            ("/usr/bin/ssh-add", ["-q", file]),
        ] {
            let ending = try await Program.run(
                program, arguments, environment: ["SSH_AUTH_SOCK": agent.socket])
            guard ending.status == 0 else { throw Failure("\(program): \(ending.errors)") }
        }
        let registered = try await door.house.reeve(
            ["factor", "ssh-key"], home: door.house.scratch.path("home-\(name)"), agent: agent.socket)
        guard registered.status == 0 else { throw Failure("factor ssh-key: \(registered.errors)") }
        return agent
    }

    /// Of the certificates in an agent.
    private func principals(_ agent: OwnAgent) async throws -> [String] {
        try await agent.lines().filter { $0.contains("-cert-") }.flatMap {
            try Certificate(text: $0).principals?.names ?? []
        }.sorted()
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
    ///
    /// - Parameters:
    ///   - who: The name to say, with the way to sign in.
    ///   - password: And, in further lines, what else is to be answered.
    func visit(
        _ name: String, _ command: [String], agent: String = "", as who: String? = nil,
        password: String? = nil
    ) async throws -> Program.Ending {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Clients/door-terminal.py").standardized.path
        return try await Program.run(
            "/usr/bin/python3",
            [
                script, who ?? name, door.house.scratch.path("\(name).totp"),
                "/usr/bin/ssh", "-F", "none", "-tt", "-A", "-q", "-p", "\(port)", "-i", "\(folder)/key",
                "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no", "-o",
                "UserKnownHostsFile=/dev/null",
                "root@127.0.0.1",
            ] + command,
            environment: ["SSH_AUTH_SOCK": agent],
            input: (password ?? "correct horse \(name) staple") + "\n")
    }
}
