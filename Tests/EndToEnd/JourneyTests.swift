import Foundation
import Posix
import SSHFormats
import TestKit
import Testing

/// A real sshd on loopback whose host is enrolled. Needs root, as sshd does.
final class EnrolledHost: Sendable {
    let folder = "/var/lib/keyreeve-test-\(UUID().uuidString)"
    let port: Int
    private let sshd = Running()
    private let agent = Running()

    /// - Parameter isKnown: The host was there before and enrols again, by a new link.
    init(
        _ house: Installation, name: String, labels: [String], aliases: [String] = [], login: String,
        isKnown: Bool = false, hasSudo: Bool = false
    ) async throws {
        port = try FreePort.find()
        let manager = FileManager.default
        for path in ["", "/sshd_config.d", "/bin"] {
            try manager.createDirectory(
                atPath: folder + path, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o755])
        }
        try manager.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
        // By another process: a file that this one had open for writing cannot be run while any child holds a copy.
        _ = try await Program.run(
            "/usr/bin/install",
            ["-m", "755", Program.path("reeve-agent"), Program.path("reeve-principals"), "\(folder)/bin"])
        _ = try await Program.run(
            "/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "\(folder)/ssh_host_ed25519_key"])
        let configuration = """
            Include \(folder)/sshd_config.d/*.conf
            Port \(port)
            ListenAddress 127.0.0.1
            HostKey \(folder)/ssh_host_ed25519_key
            PidFile \(folder)/sshd.pid
            AuthorizedKeysFile none
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            UsePAM \(hasSudo ? "yes" : "no")
            LogLevel VERBOSE
            MaxStartups 100
            Subsystem sftp internal-sftp

            """
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: "\(folder)/sshd_config"))
        let new =
            ["host", "add", name] + labels.flatMap { ["--label", $0] } + aliases.flatMap { ["--alias", $0] }
        let added = try await house.reeve((isKnown ? ["link", "host:\(name)"] : new) + ["--link-only"])
        guard added.status == 0 else { throw Failure("host add: \(added.errors)") }
        let link = try house.scratch.write(added.output, to: "\(name).link")
        let enrolled = try await Program.run(
            "\(folder)/bin/reeve-agent", ["enrol"] + flags + ["--link-file", link])
        guard enrolled.status == 0 else { throw Failure("agent enrol: \(enrolled.errors)") }
        let server = ["/usr/sbin/sshd", "-D", "-e", "-f", "\(folder)/sshd_config"]
        let command = hasSudo ? SudoPlace.around(server, in: folder) : server
        try sshd.start(command[0], Array(command.dropFirst()), log: "\(folder)/sshd.log")
        try agent.start("\(folder)/bin/reeve-agent", ["run"] + flags, log: "\(folder)/agent.log")
        try await until("sshd listens") { [folder] in manager.fileExists(atPath: "\(folder)/sshd.pid") }
    }

    deinit {
        agent.kill()
        sshd.kill()
        try? FileManager.default.removeItem(atPath: folder)
    }

    func stop() async {
        await stopAgent()
        sshd.kill()
        _ = await sshd.ended()
    }

    /// - Parameter clock: What faketime(1) adds to the time, such as `+600`.
    func agent(
        _ command: String, _ further: [String] = [], clock: String? = nil
    ) async throws -> Program.Ending {
        let line = ["\(folder)/bin/reeve-agent", command] + further + flags
        guard let clock else { return try await Program.run(line[0], Array(line.dropFirst())) }
        return try await Program.run("/usr/bin/faketime", ["-f", clock] + line)
    }

    /// Runs a command where this host's /etc is its own.
    func inside(_ command: [String]) async throws -> Program.Ending {
        try await Program.run("/usr/bin/nsenter", ["-m", "-t", "\(sshd.pid)"] + command)
    }

    func startAgent() throws {
        try agent.start("\(folder)/bin/reeve-agent", ["run"] + flags, log: "\(folder)/agent.log")
    }

    func stopAgent() async {
        agent.kill()
        _ = await agent.ended()
    }

    /// The version of the state that is in force; nil before the first.
    var stateVersion: UInt64? {
        let path = "\(folder)/agent/ssh/current"
        let set = try? FileManager.default.destinationOfSymbolicLink(atPath: path)
        return set?.split(separator: "-").dropFirst().first.flatMap { UInt64($0) }
    }

    var flags: [String] {
        [
            "--sshd-log", "\(folder)/sshd.log",
            "--data", "\(folder)/agent", "--sshd-config", "\(folder)/sshd_config", "--drop-in",
            "\(folder)/sshd_config.d/00-keyreeve.conf",
        ]
    }

    /// Logs in without a command, and stays.
    func stay(_ destination: String, configuration: String) async throws -> SpawnedProgram {
        let before = logins
        let live = try SpawnedProgram(
            "/usr/bin/ssh",
            [
                "-F", configuration, "-p", "\(port)", "-o", "BatchMode=yes", "-o", "HostName=127.0.0.1", "-N",
                destination,
            ], environment: ["SSH_AUTH_SOCK": ""], output: "\(folder)/ssh.log", errors: "\(folder)/ssh.log")
        try await until("somebody is in") { self.logins > before }
        return live
    }

    private var logins: Int {
        let log = FileManager.default.contents(atPath: "\(folder)/sshd.log") ?? Data()
        return String(decoding: log, as: UTF8.self).components(separatedBy: "Accepted publickey").count
    }

    /// Plain ssh through the printed configuration, with nothing else known.
    func ssh(_ destination: String, configuration: String, _ command: String) async throws -> Program.Ending {
        try await Program.run(
            "/usr/bin/ssh",
            [
                "-F", configuration, "-p", "\(port)", "-o", "BatchMode=yes", "-o", "HostName=127.0.0.1",
                destination,
                command,
            ], environment: ["SSH_AUTH_SOCK": ""])
    }
}

@Suite(.servers, .enabled(if: ProcessHardening.isRoot)) struct `From nothing to ssh` {
    private static let login = "daemon"

    @Test(.timeLimit(.minutes(20)), arguments: Engine.allCases)
    func `logs in by certificate, is refused elsewhere, and ends with a revocation`(
        _ engine: Engine
    ) async throws {
        let house = try await Installation(database: try await engine.database())
        try await house.enrolAdmin()
        try await allowLogin(house)
        let host = try await EnrolledHost(
            house, name: "web1.example.com", labels: ["env=staging"], login: Self.login)
        let added = try await house.reeve(["person", "add", "alice", "--login", Self.login, "--link-only"])
        let home = house.scratch.path("alice")
        try await house.enrol(
            "alice", link: try house.scratch.write(added.output, to: "alice.link"), home: home)
        #expect(try await house.reeve("login", "--if-needed", home: home).status == 0)
        let printed = try await house.reeve("ssh-config", home: home)
        let configuration = try house.scratch.write(printed.output, to: "ssh_config")

        let inside = try await host.ssh(
            "\(Self.login)@web1.example.com", configuration: configuration, "true")
        #expect(inside.status != 255, "\(inside.errors)")
        #expect(!inside.errors.contains("WARNING") && !inside.errors.contains("authenticity"))
        let asRoot = try await host.ssh("root@web1.example.com", configuration: configuration, "true")
        #expect(asRoot.status == 255)
        let why = try await house.reeve("explain", "--to", "web1.example.com", "--as", "root", home: home)
        #expect(why.status == 1)
        #expect((why.output + why.errors).contains("principal-not-granted"))

        let live = try await host.stay("\(Self.login)@web1.example.com", configuration: configuration)
        let revoked = try await house.reeve("revoke", "alice", "--reason", "left", "--sessions", "--wait")
        #expect(revoked.status == 0, "\(revoked.errors)")
        #expect(revoked.output.contains("1 of 1 hosts enforce it after "), "\(revoked.output)")
        #expect(revoked.output.contains("1 live session ended"), "\(revoked.output)")
        #expect(await live.ended() == 255)
        // Nobody waits any more: the host has said that it goes by it.
        let late = try await host.ssh(
            "\(Self.login)@web1.example.com", configuration: configuration, "true")
        #expect(late.status == 255)
        try await showsWhoEnforces(house, host)
        let log = String(
            decoding: FileManager.default.contents(atPath: "\(host.folder)/sshd.log") ?? Data(), as: UTF8.self
        )
        #expect(log.contains("revoked by file"))
        let export = house.scratch.path("export")
        #expect(try await house.reeve("audit", "export", export).status == 0)
        #expect(try await house.reeve("audit", "verify", export).status == 0)
    }

    /// What is said of a host that is there, and of one that is not.
    private func showsWhoEnforces(_ house: Installation, _ host: EnrolledHost) async throws {
        let version = try #require(host.stateVersion)
        let known = try await house.reeve("host", "state", "--json")
        #expect(
            known.status == 0 && known.output.contains(#""complete":true"#), "\(known.output)\(known.errors)")
        let list = try await house.reeve("host", "list")
        #expect(list.output.contains("state \(version), seen 20"), "\(list.output)")
        await host.stopAgent()
        let missed = try await house.reeve(
            "revoke", "web1.example.com", "--reason", "stolen", "--wait=1", "--json")
        #expect(missed.status == 5, "\(missed.output)\(missed.errors)")
        for word in [#""enforcing":0"#, #""hosts":1"#, #""complete":false"#, #""name":"web1.example.com""#] {
            #expect(missed.output.contains(word), "\(missed.output)")
        }
        let later = try await house.reeve("host", "state")
        #expect(later.status == 5)
        #expect(later.output.contains("0 of 1 hosts enforce it"), "\(later.output)")
        #expect(later.output.contains("1 not seen since 20"), "\(later.output)")
        #expect(later.output.contains("web1.example.com  state \(version), seen 20"), "\(later.output)")
        #expect(try await house.reeve("host", "state", "\(version)").status == 0)
        // Clients refuse the host by its certificate, whatever its agent does.
        let system = house.scratch.path("system")
        try FileManager.default.createDirectory(atPath: system, withIntermediateDirectories: true)
        let written = try await house.reeve("ssh-config", "--system", "--into", system)
        #expect(written.status == 0, "\(written.errors)")
        let client = try await host.ssh(
            "\(Self.login)@web1.example.com", configuration: "\(system)/keyreeve.conf", "true")
        #expect(client.status == 255 && client.errors.contains("revoked by file"), "\(client.errors)")
        #expect(try await house.reeve("host", "retire", "web1.example.com").status == 0)
        let without = try await house.reeve("host", "state")
        #expect(without.status == 0 && without.output.contains("0 of 0 hosts"), "\(without.output)")
        let nothing = try await house.reeve("revoke", "nobody.at.all", "--reason", "typo")
        #expect(nothing.status == 1)
    }

    @Test(.timeLimit(.minutes(20)))
    func `a certificate that was revoked by its serial is replaced by the next reeve ssh`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        try await allowLogin(house)
        let host = try await EnrolledHost(
            house, name: "web1.example.com", labels: ["env=staging"], login: Self.login)
        let added = try await house.reeve(["person", "add", "alice", "--login", Self.login, "--link-only"])
        let home = house.scratch.path("alice")
        try await house.enrol(
            "alice", link: try house.scratch.write(added.output, to: "alice.link"), home: home)
        let go = {
            try await house.reeve(
                [
                    "ssh", "-F", "/dev/null", "-p", "\(host.port)", "-o", "BatchMode=yes", "-o",
                    "HostName=127.0.0.1", "\(Self.login)@web1.example.com", "true",
                ], home: home)
        }
        let certificate = "\(home)/certificates/staging+\(Self.login)-cert.pub"
        #expect(try await go().status != 255)
        let first = try serial(certificate)

        let revoked = try await house.reeve("revoke", "--serial", "\(first)", "--reason", "lost")
        #expect(revoked.status == 0, "\(revoked.errors)")
        _ = try await go()  // refused by the host, and noticed beside it
        try await until("the certificate is forgotten") {
            !FileManager.default.fileExists(atPath: certificate)
        }
        #expect(try await go().status != 255)
        #expect(try serial(certificate) != first)
    }

    @Test(.timeLimit(.minutes(20)))
    func `a host is not given up while its agent runs, which would take it back`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        let host = try await EnrolledHost(house, name: "web1.example.com", labels: [], login: Self.login)
        try await until("the agent has its post") {
            FileManager.default.fileExists(atPath: "\(host.folder)/agent/run.lock")
        }
        for command in ["uninstall", "run"] {
            let refused = try await host.agent(command)
            #expect(refused.status == 1)
            #expect(refused.errors.contains("stop it first"), "\(refused.errors)")
        }
        await host.stopAgent()
        #expect(try await host.agent("uninstall").status == 0)
    }

    private func serial(_ path: String) throws -> UInt64 {
        try Certificate(text: String(contentsOfFile: path, encoding: .utf8)).serial
    }

    private func allowLogin(_ house: Installation) async throws {
        let policy = """
            grants:
              - {name: admins, who: [boss], to: [authority], as: [admin]}
              - {name: staging, who: [alice], to: [label:env=staging], as: [$self], with: [totp], devices: enrolled}
            """
        let file = try house.scratch.write(policy, to: "policy.yaml")
        let applied = try await house.reeve("policy", "apply", file)
        #expect(applied.status == 0, "\(applied.errors)")
    }
}
