import Foundation
import Posix
import SSHFormats
import Testing

/// `reeve ssh-config --system`: what an admin puts on laptops.
@Suite(.servers, .enabled(if: ProcessHardening.isRoot)) struct `ssh for a whole machine` {
    private static let login = "daemon"

    @Test(.timeLimit(.minutes(20)))
    func `knows all enrolled hosts and nothing else, and logs in`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        let policy = """
            grants:
              - {name: admins, who: [boss], to: [authority], as: [admin]}
              - {name: staging, who: [boss], to: [label:env=staging], as: [\(Self.login)]}
            """
        let applied = try await house.reeve(
            "policy", "apply", try house.scratch.write(policy, to: "policy.yaml"))
        #expect(applied.status == 0, "\(applied.errors)")
        let host = try await EnrolledHost(
            house, name: "web1.example.com", labels: ["env=staging"], login: Self.login)
        for arguments in [
            ["db1.example.com", "--alias", "db1", "--label", "env=other"], ["old1.example.com"],
        ] {
            #expect(try await house.reeve(["host", "add"] + arguments).status == 0)
        }
        #expect(try await house.reeve("host", "suspend", "old1.example.com").status == 0)

        let folder = house.scratch.path("laptop/ssh_config.d")
        let installed = try await house.reeve("ssh-config", "--system", "--into", folder)
        #expect(installed.status == 0, "\(installed.errors)")
        try expectReadable(folder)
        try await expectAnswers(folder)
        let known = try String(contentsOfFile: "\(folder)/keyreeve_known_hosts", encoding: .utf8)
        let lines = try known.split(separator: "\n").compactMap { try KnownHostsLine.parse(String($0)) }
        #expect(lines.allSatisfy { $0.marker == .certAuthority })
        #expect(Set(lines.map(\.hosts)) == [["web1.example.com"], ["db1.example.com", "db1"]])

        // The login itself: certificate and key of `reeve login`, all the rest from the files of the machine.
        #expect(try await house.reeve("login", "--if-needed").status == 0)
        let identity = "\(house.home)/certificates/by-host/\(Self.login)@web1.example.com"
        let arguments = [
            "-F", "\(folder)/keyreeve.conf", "-p", "\(host.port)", "-o", "BatchMode=yes", "-o",
            "HostName=127.0.0.1", "-o", "IdentityFile=\(identity)", "-o",
            "CertificateFile=\(identity)-cert.pub",
            "\(Self.login)@web1.example.com", "true",
        ]
        let inside = try await Program.run("/usr/bin/ssh", arguments, environment: ["SSH_AUTH_SOCK": ""])
        #expect(inside.status != 255, "\(inside.errors)")

        // A host key that was revoked is refused as soon as the files say so.
        #expect(try await house.reeve("host", "suspend", "web1.example.com").status == 0)
        #expect(try await house.reeve("ssh-config", "--system", "--into", folder).status == 0)
        let refused = try await Program.run("/usr/bin/ssh", arguments, environment: ["SSH_AUTH_SOCK": ""])
        #expect(refused.status == 255)
    }

    @Test(.timeLimit(.minutes(20)))
    func `is printed without writing anything, is the same again, and wants an admin`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        #expect(try await house.reeve("host", "add", "web1.example.com", "--alias", "web1").status == 0)
        let printed = try await house.reeve("ssh-config", "--system")
        #expect(printed.status == 0 && printed.output.contains("Nothing was written"), "\(printed.errors)")
        #expect(!FileManager.default.fileExists(atPath: "/etc/ssh/ssh_config.d/keyreeve.conf"))
        let config = try house.scratch.write(printed.output, to: "printed.conf")
        let read = try await Program.run("/usr/bin/ssh", ["-F", config, "-G", "web1"])
        #expect(read.status == 0 && read.output.contains("hostkeyalias web1.example.com\n"), "\(read.errors)")

        let folder = house.scratch.path("again")
        #expect(try await house.reeve("ssh-config", "--system", "--into", folder).status == 0)
        let first = try attributes("\(folder)/keyreeve.conf")
        #expect(try await house.reeve("ssh-config", "--system", "--into", folder).status == 0)
        #expect(try attributes("\(folder)/keyreeve.conf") == first)
        for wrong in [["--into", folder], ["--system", "--write"], ["--system", "--into", "/a\"b"]] {
            #expect(try await house.reeve(["ssh-config"] + wrong).status == 2, "\(wrong)")
        }

        let added = try await house.reeve("person", "add", "alice", "--link-only")
        let home = house.scratch.path("alice")
        try await house.enrol(
            "alice", link: try house.scratch.write(added.output, to: "alice.link"), home: home)
        let refused = try await house.reeve("ssh-config", "--system", home: home)
        #expect(refused.status == 1 && refused.output.isEmpty, "\(refused.errors)")
    }

    @Test(.timeLimit(.minutes(20)))
    func `lists end where the terminal ends, and JSON does not`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        let long = ["--label", "purpose=\(String(repeating: "x", count: 60))"]
        #expect(try await house.reeve(["host", "add", "web1.example.com"] + long).status == 0)
        func lines(_ command: String) async throws -> [String] {
            let ending = try await Program.run(
                "/usr/bin/script", ["-qefc", command, house.scratch.path("typescript")],
                environment: [
                    "TERM": "xterm", "COLUMNS": "40", "REEVE": Program.path("reeve"),
                    "REEVE_HOME": house.home,
                ])
            return ending.output.replacing("\r\n", with: "\n").components(separatedBy: "\n")
        }
        let cut = try await lines(#""$REEVE" host list"#)
        let isCut = cut.contains { line in
            line.hasPrefix("web1.example.com  active  ") && line.hasSuffix("…") && line.count == 40
        }
        #expect(isCut, "\(cut)")
        for whole in [#""$REEVE" host list | cat"#, #""$REEVE" host list --json"#] {
            #expect(try await lines(whole).contains { $0.contains(long[1]) })
        }
    }

    private func expectReadable(_ folder: String) throws {
        #expect(try DurableFile(folder).access().permissions & 0o777 == 0o755)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(Set(names) == ["keyreeve.conf", "keyreeve_known_hosts", "keyreeve_revoked_hosts"])
        for name in names {
            #expect(try DurableFile("\(folder)/\(name)").access().permissions == 0o644, "\(name)")
        }
    }

    /// What stock ssh makes of the file, for names that are enrolled and for others.
    private func expectAnswers(_ folder: String) async throws {
        for (name, alias) in [("db1", "db1.example.com"), ("web1.example.com", "web1.example.com")] {
            let ending = try await Program.run("/usr/bin/ssh", ["-F", "\(folder)/keyreeve.conf", "-G", name])
            for line in [
                "hostkeyalias \(alias)", "globalknownhostsfile \(folder)/keyreeve_known_hosts",
                "userknownhostsfile /dev/null", "revokedhostkeys \(folder)/keyreeve_revoked_hosts",
                "stricthostkeychecking true",
            ] {
                #expect(
                    ending.output.contains(line + "\n"), "\(name): \(line)\n\(ending.output)\(ending.errors)")
            }
        }
        for name in ["old1.example.com", "evil.example.com", "github.com"] {
            let ending = try await Program.run("/usr/bin/ssh", ["-F", "\(folder)/keyreeve.conf", "-G", name])
            #expect(ending.status == 0 && !ending.output.contains("keyreeve"), "\(name)")
        }
    }

    private func attributes(_ path: String) throws -> String {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return "\(attributes[.systemFileNumber] ?? 0) \(attributes[.modificationDate] ?? 0)"
    }
}
