import Foundation
import Posix
import SSHFormats
import Testing

/// Plain `ssh` by the block of `reeve ssh-config`, with one host that it leads to.
struct PlainSSH {
    let house: Installation
    let host: EnrolledHost
    /// Takes in the installed block, and says where the host listens.
    let config: String

    /// - Parameter grants: Lines of the policy beside the admin's.
    init(
        _ house: Installation, grants: [String], host name: String = "web1.example.com",
        labels: [String] = ["env=staging"], aliases: [String] = []
    ) async throws {
        self.house = house
        try await house.enrolAdmin()
        let lines = ["{name: admins, who: [boss], to: [authority], as: [admin]}"] + grants
        let policy = "grants:\n" + lines.map { "  - \($0)\n" }.joined()
        let applied = try await house.reeve(
            "policy", "apply", try house.scratch.write(policy, to: "policy.yaml"))
        guard applied.status == 0 else { throw Failure("policy: \(applied.errors)") }
        host = try await EnrolledHost(
            house, name: name,
            labels: labels, aliases: aliases, login: "root")
        let signedIn = try await house.reeve("login", "--if-needed")
        guard signedIn.status == 0 else { throw Failure("login: \(signedIn.errors)") }
        let written = try await house.reeve("ssh-config", "--write")
        guard written.status == 0 else { throw Failure("ssh-config: \(written.errors)") }
        config = try house.scratch.write(
            written.output + "Host *\n    HostName 127.0.0.1\n    Port \(host.port)\n", to: "config")
    }

    /// Forgets all certificates of this device.
    func forgetCertificates() throws {
        for name in ["certificates", "fetch.failed"] {
            try? FileManager.default.removeItem(atPath: "\(house.home)/\(name)")
        }
    }

    /// Names of the certificates that are held.
    var held: [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: "\(house.home)/certificates")
        return (names ?? []).filter { $0.hasSuffix("-cert.pub") }.sorted()
    }

    /// `-F config` and the arguments, in the background: nobody can be asked.
    func ssh(_ arguments: [String], agent: String = "") async throws -> Program.Ending {
        try await run("/usr/bin/ssh", ["-F", config, "-o", "BatchMode=yes"] + arguments, agent: agent)
    }

    func run(
        _ program: String, _ arguments: [String], agent: String = "", environment: [String: String] = [:]
    ) async throws -> Program.Ending {
        let surroundings = ["SSH_AUTH_SOCK": agent, "HOME": house.scratch.folder, "SHELL": "/bin/sh"]
        return try await Program.run(
            program, arguments, environment: surroundings.merging(environment) { $1 })
    }

    /// Serials of the certificates by which somebody came in, in the order of the log.
    func serials() throws -> [String] {
        let log = try String(contentsOfFile: "\(host.folder)/sshd.log", encoding: .utf8)
        return log.matches(of: /Accepted publickey .*\(serial ([0-9]+)\)/).map { String($0.output.1) }
    }
}

@Suite(.servers, .enabled(if: ProcessHardening.isRoot)) struct `Plain ssh` {
    private static let day = "{name: staging, who: [boss], to: [label:env=staging], as: [root]}"
    private static let one =
        "{name: one, who: [boss], to: [host:web1.example.com], as: [root], scope: connection}"

    @Test(.timeLimit(.minutes(20)))
    func `fetches a certificate where none is good, once for forty at a time, and asks nobody where one is`()
        async throws
    {
        let house = try await Installation()
        let plain = try await PlainSSH(house, grants: [Self.day], aliases: ["web1"])
        try plain.forgetCertificates()
        let question = try await plain.ssh(["-G", "root@web1.example.com"])
        #expect(question.status == 0 && !question.output.contains("by-host"), "\(question.errors)")
        #expect(plain.held == [])

        let cold = try await plain.ssh(["root@web1.example.com", "echo in"])
        #expect(cold.status == 0 && cold.output == "in\n" && cold.errors.isEmpty, "\(cold.errors)")
        #expect(plain.held == ["staging+root-cert.pub"])
        // By alias; and who does not say the login comes as who they are.
        for destination in ["root@web1", "web1.example.com", "ssh://root@web1"] {
            let warm = try await plain.ssh([destination, "true"])
            #expect(warm.status == 0, "\(destination): \(warm.errors)")
        }
        for shell in Self.shells {
            let options = ["-F", plain.config, "-o", "BatchMode=yes"]
            let warm = try await plain.run(
                "/usr/bin/ssh", options + ["root@web1", "true"], environment: ["SHELL": shell])
            #expect(warm.status == 0, "\(shell): \(warm.errors)")
        }
        #expect(Set(try plain.serials()).count == 1)

        // The installed block learns of a new host from the fetch, without a login.
        let added = try await house.reeve("host", "add", "web2.example.com", "--label", "env=staging")
        #expect(added.status == 0, "\(added.errors)")

        // Forty at a time, cold.
        let before = try plain.serials().count
        try plain.forgetCertificates()
        try await withThrowingTaskGroup(of: Program.Ending.self) { group in
            for _ in 0..<40 {
                group.addTask { try await plain.ssh(["root@web1.example.com", "true"]) }
            }
            for try await ending in group { #expect(ending.status == 0, "\(ending.errors)") }
        }
        let new = try plain.serials().dropFirst(before)
        #expect(new.count == 40 && Set(new).count == 1, "\(new)")

        let block = try String(contentsOfFile: "\(house.home)/ssh_config", encoding: .utf8)
        #expect(block.contains("Match originalhost web2.example.com "))

        // With a certificate the authority is not needed, without one ssh goes on as it would have.
        try await house.stopServer()
        let alone = try await plain.ssh(["root@web1.example.com", "true"])
        #expect(alone.status == 0, "\(alone.errors)")
        try plain.forgetCertificates()
        for _ in 0..<2 {
            let without = try await plain.ssh(["-v", "root@web1.example.com", "true"])
            #expect(without.status == 255 && without.errors.contains("Permission denied"))
            #expect(!without.errors.contains("reeve:"), "\(without.errors)")
        }
        try await house.start()
        try plain.forgetCertificates()
        #expect(try await plain.ssh(["root@web1.example.com", "true"]).status == 0)
    }

    @Test(.timeLimit(.minutes(20)))
    func `N05 bears hostile names, a damaged state, other clocks, an agent and revocation`() async throws {
        let house = try await Installation()
        let plain = try await PlainSSH(house, grants: [Self.one])
        #expect(plain.held == [])
        let first = try await plain.ssh(["root@web1.example.com", "true"])
        #expect(first.status == 0, "\(first.errors)")
        #expect(plain.held == ["one+root@web1.example.com-cert.pub"])
        try await expectHarmless(plain)
        try await expectRepaired(plain)
        try await expectAgent(plain)

        // A revoked one is found out beside the ssh that it fails; the next one has another.
        let serial = try #require(try plain.serials().last)
        #expect(try await house.reeve("revoke", "--serial", serial, "--reason", "lost").status == 0)
        try await until("another certificate lets in") {
            let ending = try await plain.ssh(["root@web1.example.com", "true"])
            return try ending.status == 0 && plain.serials().last != serial
        }

        // Nobody is asked without a terminal, and a folder that takes no file breaks nothing.
        try plain.forgetCertificates()
        try FileManager.default.removeItem(atPath: "\(house.home)/session.json")
        let signedOut = try await plain.ssh(["root@web1.example.com", "true"])
        #expect(signedOut.status == 255 && signedOut.errors.contains("Permission denied"))
        try Data("{".utf8).write(to: URL(fileURLWithPath: "\(house.home)/device.json"))
        #expect(try await plain.ssh(["root@web1.example.com", "true"]).status == 255)
        #expect(try await plain.ssh(["-G", "other.example.com"]).status == 0)
    }

    /// ssh runs its `Match exec` by the shell of the person.
    private static let shells = ["sh", "bash", "fish", "tcsh", "zsh"].map { "/usr/bin/\($0)" }
        .filter(FileManager.default.isExecutableFile)

    /// What a stranger may have put into an address of a submodule, a playbook, a link.
    private func expectHarmless(_ plain: PlainSSH) async throws {
        let proof = plain.house.scratch.path("proof")
        let words = [
            "$(touch \(proof))", "`touch \(proof)`", "'; touch \(proof); '", "' `touch \(proof)` '",
            "\\'; touch \(proof) #", "\"; touch \(proof); \"", "x\ntouch \(proof)\n", "%h", "%%",
            "-oProxyCommand=x",
            "|touch \(proof)", ";touch \(proof)", "\\", "a\\", "$HOME", "&touch \(proof)&",
        ]
        for word in words {
            for shell in Self.shells {
                for arguments in [["-l", word, "web1.example.com", "true"], ["--", "root@" + word, "true"]] {
                    let options = ["-F", plain.config, "-o", "BatchMode=yes", "-o", "ConnectTimeout=5"]
                    _ = try await plain.run(
                        "/usr/bin/ssh", options + arguments, environment: ["SHELL": shell])
                    #expect(!FileManager.default.fileExists(atPath: proof), "\(shell) \(arguments)")
                }
            }
        }
    }

    private func expectRepaired(_ plain: PlainSSH) async throws {
        let stem = "\(plain.house.home)/certificates/one+root@web1.example.com"
        func expectNew(_ what: String) async throws {
            let before = try #require(try plain.serials().last)
            let ending = try await plain.ssh(["root@web1.example.com", "true"])
            #expect(try ending.status == 0 && plain.serials().last != before, "\(what): \(ending.errors)")
        }
        for (name, length) in [("", 0), ("", 120), ("-cert.pub", 0), ("-cert.pub", 300)] {
            #expect(unsafe truncate(stem + name, length) == 0)
            try await expectNew("\(name) cut to \(length)")
        }
        try FileManager.default.removeItem(atPath: stem)
        try await expectNew("no key")
        try Data("!".utf8).write(to: URL(fileURLWithPath: "\(plain.house.home)/fetch.failed"))
        try FileManager.default.removeItem(atPath: "\(plain.house.home)/certificates/by-host")
        try await expectNew("no links")
    }

    private func expectAgent(_ plain: PlainSSH) async throws {
        let socket = plain.house.scratch.path("agent.sock")
        let agent = try SpawnedProgram(
            "/usr/bin/ssh-agent", ["-D", "-a", socket], output: plain.house.scratch.path("agent.log"),
            errors: plain.house.scratch.path("agent.log"))
        defer { kill(agent.pid, SIGKILL) }
        try await until("the agent listens") { FileManager.default.fileExists(atPath: socket) }
        try plain.forgetCertificates()
        for _ in 0..<2 {
            let ending = try await plain.ssh(["root@web1.example.com", "true"], agent: socket)
            #expect(ending.status == 0, "\(ending.errors)")
        }
        #expect(Set(try plain.serials().suffix(2)).count == 1)
        let key = "\(plain.house.home)/certificates/one+root@web1.example.com"
        #expect(!FileManager.default.fileExists(atPath: key))
        // The agent has gone, with the key: another one is fetched.
        kill(agent.pid, SIGKILL)
        let without = try await plain.ssh(["root@web1.example.com", "true"], agent: socket)
        #expect(without.status == 0, "\(without.errors)")
    }
}
