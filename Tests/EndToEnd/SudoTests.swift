import Foundation
import Posix
import Testing

/// Where /etc is a copy of the test's own (Tests/PAM/with-sudo.sh).
enum SudoPlace {
    static let isPossible =
        ProcessHardening.isRoot && FileManager.default.isExecutableFile(atPath: "/usr/bin/sudo")
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("PAM/with-sudo.sh").path

    static func around(_ command: [String], in folder: String) -> [String] {
        ["/usr/bin/unshare", "-m", "--propagation", "private", script, folder, ""] + command
    }
}

@Suite(.servers, .enabled(if: SudoPlace.isPossible)) struct `With pam_reeve enabled` {
    /// One line a policy: boss may enter both accounts.
    private static let policy = """
        grants:
          - {name: admins, who: [boss], to: [authority], as: [admin]}
          - {name: staging, who: [boss], to: [label:env=staging], as: [deploy, other], for: 1h}

        """

    private struct World {
        let house: Installation
        let host: EnrolledHost
        let config: String
        let places: [String]

        func ssh(_ login: String, _ command: String) async throws -> Program.Ending {
            try await host.ssh("\(login)@web1.example.com", configuration: config, command)
        }

        func sudo(_ word: String, _ more: String...) async throws -> Program.Ending {
            try await host.inside(
                ["\(host.folder)/bin/reeve-agent", "sudo", word] + host.flags + places + more)
        }

        func etc(_ name: String) throws -> String {
            try String(contentsOfFile: "\(host.folder)/etc/\(name)", encoding: .utf8)
        }
    }

    private func world() async throws -> World {
        let house = try await Installation()
        try await house.enrolAdmin()
        let file = try house.scratch.write(Self.policy, to: "policy.yaml")
        let applied = try await house.reeve("policy", "apply", file)
        #expect(applied.status == 0, "\(applied.errors)")
        let host = try await EnrolledHost(
            house, name: "web1.example.com", labels: ["env=staging"], login: "deploy", hasSudo: true)
        let copied = try await Program.run(
            "/usr/bin/install",
            ["-m", "644", Program.path("libpam_reeve.so"), "\(host.folder)/bin/pam_reeve.so"])
        #expect(copied.status == 0, "\(copied.errors)")
        #expect(try await house.reeve("login", "--if-needed").status == 0)
        let config = try house.scratch.write(try await house.reeve("ssh-config").output, to: "ssh_config")
        return World(
            house: house, host: host, config: config,
            places: ["--pam-module", "\(host.folder)/bin/pam_reeve.so"])
    }

    @Test(.timeLimit(.minutes(20)))
    func
        `M09 members act by their certificate until it is revoked, without the authority too, and others by password`()
        async throws
    {
        let world = try await world()
        let before = try ["pam.d/sudo", "pam.d/sudo-i", "pam.d/sshd"].map(world.etc)
        #expect(try await world.sudo("status").status == 1)

        // Nothing is changed for what would lock people out, or means nobody.
        for (group, word) in [("root", "root is in"), ("nosuch", "no group"), ("-x y", "not the name")] {
            let ending = try await world.sudo("enable", "--group=\(group)")
            #expect(ending.status == 1 && ending.errors.contains(word), "\(ending.errors)")
        }
        await world.host.stopAgent()
        let dead = try await world.sudo("enable", "--group", "ops")
        #expect(dead.status == 1 && dead.errors.contains("no agent answers"), "\(dead.errors)")
        try world.host.startAgent()
        try await until("the agent answers") {
            try await world.sudo("status").output.contains("agent answers")
        }
        let first = try await world.sudo("enable", "--group", "ops")
        #expect(first.status == 0, "\(first.errors)")
        #expect(try ["pam.d/sudo", "pam.d/sudo-i", "pam.d/sshd"].map(world.etc) != before)
        let enabled = try ["pam.d/sudo", "pam.d/sudo-i", "pam.d/sshd", "sudoers.d/zz-keyreeve"].map(world.etc)
        #expect(try await world.sudo("enable", "--group", "ops").status == 0)
        #expect(
            try ["pam.d/sudo", "pam.d/sudo-i", "pam.d/sshd", "sudoers.d/zz-keyreeve"].map(world.etc)
                == enabled)
        let status = try await world.sudo("status")
        #expect(status.status == 0 && status.output.contains("groups ops\n"), "\(status.output)")

        // deploy has no password at all; with one, or none to give, everybody else goes on as before.
        for command in ["sudo whoami </dev/null", "sudo -n whoami", "sudo -n id -un", "sudo -n -i whoami"] {
            let inside = try await world.ssh("deploy", command)
            #expect(inside.status == 0 && inside.output.contains("root"), "\(command): \(inside.errors)")
            #expect(!inside.errors.contains("keyreeve") && !inside.errors.contains("password"))
        }
        let other = try await world.ssh("other", "echo 'their own password' | sudo -S -p '' whoami")
        #expect(other.status == 0 && other.output == "root\n", "\(other.errors)")
        #expect(try await world.ssh("other", "echo wrong | sudo -S -p '' whoami").status != 0)
        let root = try await world.host.inside(["/usr/bin/sudo", "-n", "-u", "deploy", "whoami"])
        #expect(root.output == "deploy\n", "\(root.errors)")

        try await expectOutage(world)
        try await expectRevocation(world)

        // As it was, to the byte.
        #expect(try await world.sudo("disable").status == 0)
        #expect(try ["pam.d/sudo", "pam.d/sudo-i", "pam.d/sshd"].map(world.etc) == before)
        #expect(throws: (any Error).self) { try world.etc("sudoers.d/zz-keyreeve") }
        #expect(try await world.sudo("disable").status == 0)
    }

    /// The authority is gone, and the agent starts anew: what was bound and what is in force is still known.
    private func expectOutage(_ world: World) async throws {
        try await world.house.stopServer()
        await world.host.stopAgent()
        let without = try await world.ssh("deploy", "sudo -n whoami")
        #expect(without.status != 0 && without.errors.contains("keyreeve:"), "\(without.errors)")
        try world.host.startAgent()
        try await until("the agent answers") { try await world.sudo("status").status == 0 }
        let alone = try await world.ssh("deploy", "sudo -n whoami")
        #expect(alone.status == 0 && alone.output == "root\n", "\(alone.errors)")
        try await world.house.start()
    }

    /// In a session that is open all the while.
    private func expectRevocation(_ world: World) async throws {
        let box = "\(world.host.folder)/box"
        try FileManager.default.createDirectory(
            atPath: box, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o777])
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: box)
        let line = """
            while [ ! -e \(box)/end ]; do sudo -n whoami >\(box)/out 2>\(box)/err; echo $? >\(box)/new
            mv \(box)/new \(box)/status; sleep 0.1; done
            """
        async let session = world.ssh("deploy", line)
        func status() -> String? {
            (try? String(contentsOfFile: "\(box)/status", encoding: .utf8))?.filter(\.isNumber)
        }
        try await until("sudo lets act") { status() == "0" }
        #expect(try await world.house.reeve("revoke", "--identity", "boss", "--reason", "left").status == 0)
        try await until("sudo refuses") { status() == "1" }
        try await until("sudo says why") {
            let text = try? String(contentsOfFile: "\(box)/err", encoding: .utf8)
            return text?.contains("has been revoked") ?? false
        }
        #expect(FileManager.default.createFile(atPath: "\(box)/end", contents: nil))
        _ = try await session
    }
}
