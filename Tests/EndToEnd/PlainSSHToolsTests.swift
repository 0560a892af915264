import Foundation
import Posix
import TestKit
import Testing

/// What others build on ssh, each beginning without a certificate.
@Suite(.servers, .enabled(if: ProcessHardening.isRoot)) struct `Tools on plain ssh` {
    private static let grant =
        "{name: staging, who: [boss], to: [label:env=staging], as: [root], options: {permitPortForwarding: true}}"
    private static let destination = "root@web1.example.com"
    private static let python = URL(fileURLWithPath: Program.folder).deletingLastPathComponent()
        .appendingPathComponent("python-ssh/bin").path
    private static let hasPython = FileManager.default.isExecutableFile(atPath: "\(python)/ansible")

    @Test(.timeLimit(.minutes(20)))
    func `scp, sftp, rsync and git copy, jumps and masters connect, many sessions begin at once`()
        async throws
    {
        let plain = try await PlainSSH(try await Installation(), grants: [Self.grant])
        let scratch = plain.house.scratch
        let source = try scratch.write("some text\n", to: "source")
        let ssh = "/usr/bin/ssh -F \(plain.config)"
        let repository = scratch.path("repository")
        let made = try await plain.run("/usr/bin/git", ["init", "-q", "--bare", repository])
        #expect(made.status == 0, "\(made.errors)")
        let batch = try scratch.write("put \(source) \(scratch.path("by-sftp"))\n", to: "batch")
        let tools: [(String, [String])] = [
            ("/usr/bin/scp", ["-F", plain.config, source, "\(Self.destination):\(scratch.path("by-scp"))"]),
            ("/usr/bin/sftp", ["-q", "-F", plain.config, "-b", batch, Self.destination]),
            ("/usr/bin/git", ["clone", "-q", "\(Self.destination):\(repository)", scratch.path("by-git")]),
            ("/usr/bin/rsync", ["-e", ssh, source, "\(Self.destination):\(scratch.path("by-rsync"))"]),
            ("/usr/bin/ssh", ["-F", plain.config, "-J", Self.destination, Self.destination, "true"]),
        ]
        for (tool, arguments) in tools where FileManager.default.isExecutableFile(atPath: tool) {
            try plain.forgetCertificates()
            let ending = try await plain.run(tool, arguments, environment: ["GIT_SSH_COMMAND": ssh])
            #expect(ending.status == 0, "\(tool): \(ending.errors)")
            #expect(!ending.errors.contains("reeve"), "\(tool): \(ending.errors)")
            #expect(plain.held == ["staging+root-cert.pub"], "\(tool)")
        }
        for name in ["by-scp", "by-sftp"] { #expect(scratch.text(name) == "some text\n", "\(name)") }
        try await expectSessions(plain)
        try await expectMaster(plain)
    }

    /// As an editor does: one that forwards (`-T -D`) and a shell that is fed, several times at once.
    private func expectSessions(_ plain: PlainSSH) async throws {
        try plain.forgetCertificates()
        try await withThrowingTaskGroup(of: Program.Ending.self) { group in
            for _ in 0..<8 {
                let port = try FreePort.find()
                group.addTask {
                    try await Program.run(
                        "/usr/bin/ssh",
                        ["-F", plain.config, "-T", "-D", "\(port)", Self.destination, "bash"],
                        environment: ["SSH_AUTH_SOCK": "", "HOME": plain.house.scratch.folder],
                        input: "echo $((40 + 2))\n")
                }
            }
            for try await ending in group {
                #expect(ending.status == 0 && ending.output == "42\n", "\(ending.errors)")
            }
        }
    }

    /// Who has a connection needs no certificate, even while the authority is away.
    private func expectMaster(_ plain: PlainSSH) async throws {
        try plain.forgetCertificates()
        let socket = plain.house.scratch.path("master")
        let master = try await plain.ssh(
            ["-M", "-S", socket, "-o", "ControlPersist=yes", Self.destination, "true"])
        #expect(master.status == 0, "\(master.errors)")
        try await plain.house.stopServer()
        try plain.forgetCertificates()
        let through = try await plain.ssh(["-S", socket, Self.destination, "echo", "in"])
        #expect(through.status == 0 && through.output == "in\n", "\(through.errors)")
        #expect(!FileManager.default.fileExists(atPath: "\(plain.house.home)/fetch.failed"))
        for (word, status) in [("check", Int32(0)), ("exit", 0), ("check", 255)] {
            let ending = try await plain.ssh(["-S", socket, "-O", word, Self.destination])
            #expect(ending.status == status, "\(word): \(ending.errors)")
        }
    }

    @Test(.enabled(if: hasPython, "make setup makes .build/python-ssh"), .timeLimit(.minutes(20)))
    func `Ansible, paramiko and asyncssh read the block and log in`() async throws {
        let plain = try await PlainSSH(try await Installation(), grants: [Self.grant])
        let scratch = plain.house.scratch
        try plain.forgetCertificates()
        let inventory = try scratch.write(
            "web1.example.com ansible_user=root ansible_python_interpreter=/usr/bin/python3 "
                + "ansible_ssh_common_args='-F \(plain.config)'\n",
            to: "inventory")
        let ansible = try await plain.run(
            "\(Self.python)/ansible", ["all", "-i", inventory, "-m", "ping"],
            environment: ["ANSIBLE_LOCALHOST_WARNING": "False", "LC_ALL": "C.UTF-8"])
        #expect(
            ansible.status == 0 && ansible.output.contains("pong"), "\(ansible.output)\(ansible.errors)")

        // Neither follows all of ssh_config, so each is given the block itself.
        let block = try String(contentsOfFile: "\(plain.house.home)/ssh_config", encoding: .utf8)
        let pasted = try scratch.write(
            block + "Host *\n    HostName 127.0.0.1\n    Port \(plain.host.port)\n", to: "pasted")
        let key = "\(plain.host.folder)/ssh_host_ed25519_key.pub"
        for (script, arguments) in [
            ("paramiko-config.py", [pasted, "web1.example.com", key]),
            ("asyncssh-config.py", [pasted, "web1.example.com"]),
        ] {
            try plain.forgetCertificates()
            if script.hasPrefix("asyncssh") {
                // It does not say which login it means, so that only what is held already helps.
                #expect(try await plain.ssh([Self.destination, "true"]).status == 0)
            }
            let ending = try await plain.run(
                "\(Self.python)/python", ["\(ForeignClient.folder)/\(script)"] + arguments)
            #expect(ending.output == "in 42\n", "\(script): \(ending.output)\(ending.errors)")
        }
    }
}

@Suite(.servers, .enabled(if: ProcessHardening.isRoot)) struct `Plain ssh at a terminal` {
    @Test(.timeLimit(.minutes(20)))
    func `asks the person there and nowhere else, and only where ssh may ask`() async throws {
        let house = try await Installation()
        let plain = try await PlainSSH(
            house, grants: ["{name: staging, who: [boss], to: [label:env=staging], as: [root]}"])
        func atTerminal(
            _ arguments: String, _ config: String? = nil
        ) async throws -> (
            Program.Ending, output: String, errors: String
        ) {
            for name in ["out", "err"] { _ = try house.scratch.write("", to: name) }
            try plain.forgetCertificates()
            try? FileManager.default.removeItem(atPath: "\(house.home)/session.json")
            let line =
                "/usr/bin/ssh -F \(config ?? plain.config) \(arguments) >\(house.scratch.path("out")) "
                + "2>\(house.scratch.path("err"))"
            let ending = try await Program.run(
                "/usr/bin/python3",
                [
                    "\(ForeignClient.folder)/door-terminal.py", "-", house.scratch.path("boss.totp"),
                    "/bin/sh", "-c", line,
                ],
                environment: ["SSH_AUTH_SOCK": "", "HOME": house.scratch.folder, "SHELL": "/bin/sh"],
                input: "correct horse boss staple\n")
            return (ending, house.scratch.text("out"), house.scratch.text("err"))
        }
        let batch = try house.scratch.write(
            try String(contentsOfFile: plain.config, encoding: .utf8) + "    BatchMode yes\n", to: "batch")
        for (arguments, config) in [
            ("-o BatchMode=yes root@web1.example.com true", plain.config),
            ("-G root@web1.example.com", plain.config), ("root@web1.example.com true", batch),
        ] {
            let (ending, _, _) = try await atTerminal(arguments, config)
            #expect(!ending.output.contains("assword"), "\(arguments): \(ending.output)")
        }
        let (asked, output, errors) = try await atTerminal("root@web1.example.com 'echo $((40 + 2))'")
        #expect(asked.status == 0 && asked.output.contains("assword: "), "\(asked.output)\(asked.errors)")
        #expect(output == "42\n" && errors.isEmpty, "\(errors)")
    }
}
