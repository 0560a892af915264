import Foundation
import Testing

/// What people do about their own keys, devices, sessions and factors, and admins about the policy, by the real programs.
@Suite(.servers) struct `The rights and the account of a person` {
    @Test(.timeLimit(.minutes(20)), arguments: Engine.allCases)
    func `are asked about, changed, lost and found again`(_ engine: Engine) async throws {
        let house = try await Installation(database: try await engine.database())
        try await house.enrolAdmin()
        let added = try await house.reeve("person", "add", "alice", "--login", "al", "--link-only")
        let link = try house.scratch.write(added.output, to: "alice.link")
        let answers = try house.scratch.write(
            "password=correct horse alice staple\ntotp=auto\n", to: "alice.answers")
        let home = house.scratch.path("alice")
        let codesFile = house.scratch.path("alice.codes")
        let enrolled = try await house.reeve(
            [
                "enrol", "--link-file", link, "--device", "laptop", "--answers-file", answers,
                "--totp-secret-file", house.scratch.path("alice.totp"), "--recovery-codes-file", codesFile,
            ], home: home)
        #expect(enrolled.status == 0, "\(enrolled.errors)")
        let codes = try String(contentsOfFile: codesFile, encoding: .utf8).split(separator: "\n")
        #expect(codes.count == 10)
        #expect(!enrolled.output.contains(codes[0]) && !enrolled.errors.contains(codes[0]))

        try await questions(house)
        try await failedEnrolment(house, home)
        try await keysAndSessions(house, home)
        try await recovery(house, home, String(codes[0]))
        try await devices(house, home)
    }

    /// The policy before and after one that lets alice in.
    private func questions(_ house: Installation) async throws {
        let host = try await house.reeve("host", "add", "web1.example.com", "--label", "env=staging")
        #expect(host.status == 0, "\(host.errors)")
        let policy = """
            grants:
              - {name: admins, who: [boss], to: [authority], as: [admin]}
              - {name: staging, who: [alice], to: [label:env=staging], as: [$self],
                 with: [{factor: totp, maxAge: 15m}], devices: enrolled}
            """
        let file = try house.scratch.write(policy, to: "policy.yaml")
        let difference = try await house.reeve("policy", "diff", file)
        #expect(difference.status == 0, "\(difference.errors)")
        #expect(difference.output.contains("+ alice gains al on host:web1.example.com"))
        #expect(difference.output.contains("totp younger than 15m"))
        let applied = try await house.reeve("policy", "apply", file, "--reason", "alice joins")
        #expect(applied.status == 0, "\(applied.errors)")
        #expect(
            try await house.reeve("policy", "diff", file).output == "The texts are the same.\n")
        let history = try await house.reeve("policy", "history")
        #expect(history.output.contains("2  ") && history.output.contains("boss  alice joins"))
        let back = try await house.reeve("policy", "diff", "--from", "2", "--to", "1")
        #expect(back.output.contains("- alice loses al on host:web1.example.com"))
        let who = try await house.reeve("policy", "who", "--to", "web1.example.com")
        #expect(who.output.contains("alice as al on host:web1.example.com by grant staging"))
        try await warnings(house)
        let first = try await house.reeve("policy", "show", "--version", "1")
        #expect(first.output.contains("first-hosts"))
    }

    /// A device stays what it is until the authority has taken what it is to become.
    private func failedEnrolment(_ house: Installation, _ home: String) async throws {
        let link = try await house.reeve("link", "alice", "--link-only").output
        let start = try #require(link.firstIndex(of: "#"))
        let bad = link.prefix(through: start) + "AAAAAAAA" + link.suffix(from: start).dropFirst(9)
        let file = try house.scratch.write(String(bad), to: "bad.link")
        for _ in 0..<2 {
            let enrolled = try await house.reeve("enrol", "--force", "--link-file", file, home: home)
            #expect(enrolled.status == 1 && enrolled.errors.contains("link-invalid"), "\(enrolled.errors)")
        }
        let still = try await house.reeve("whoami", home: home)
        #expect(still.status == 0 && still.output.contains("device:alice."), "\(still.output)\(still.errors)")
    }

    /// A policy that lets a provisioner make admins is applied, and that is said wherever it is looked at.
    private func warnings(_ house: Installation) async throws {
        let show = try await house.reeve("policy", "show")
        let outside = """
            \(show.output)
              - {name: outside, who: [group:ops], to: [authority], as: [auditor]}
            groups: {ops: external}

            """
        let file = try house.scratch.write(outside, to: "outside.yaml")
        let warning = "Warning: grant outside: group:ops is external"
        for arguments in [
            ["test", file], ["diff", file], ["apply", file, "--reason", "ops audit"], ["diff", file],
        ] {
            let said = try await house.reeve(["policy"] + arguments)
            #expect(said.status == 0 && said.output.contains(warning), "\(arguments): \(said)")
            let json = try await house.reeve(["policy"] + arguments + ["--json"])
            #expect(json.output.contains(#""code":"external-role""#), "\(arguments): \(json)")
        }
    }

    private func keysAndSessions(_ house: Installation, _ home: String) async throws {
        let keys = try await house.reeve("keys", "list", home: home)
        #expect(keys.status == 0, "\(keys.errors)")
        #expect(keys.output.contains("device:alice.laptop") && keys.output.contains("active"))
        #expect(keys.output.contains("from 127.0.0.1"))
        let fingerprint = String(keys.output.prefix { $0 != " " })
        #expect(try await house.reeve("keys", "show", fingerprint, home: home).status == 0)
        let boss = try await house.reeve("keys", "list")
        let foreign = String(boss.output.prefix { $0 != " " })
        let refused = try await house.reeve("keys", "show", foreign, home: home)
        #expect(refused.status == 1 && refused.errors.contains("not-found"))
        let all = try await house.reeve("keys", "list", "--all", "--state", "active")
        #expect(all.output.contains("device:alice.laptop") && all.output.contains("device:boss.test"))
        #expect(try await house.reeve("keys", "list", "--all", home: home).errors.contains("admin-required"))
        let sessions = try await house.reeve("sessions", "list", home: home)
        #expect(sessions.output.contains("this one"))
        let mine = try await house.reeve("policy", "who", home: home)
        #expect(mine.output.contains("al on host:web1.example.com"))
    }

    /// The authenticator is gone: a code lets in, with a new authenticator and a new key on the same laptop. What the former
    /// key got is void.
    private func recovery(_ house: Installation, _ home: String, _ code: String) async throws {
        let fetched = try await house.reeve("login", "--if-needed", home: home)
        #expect(fetched.output.contains("al@env=staging"), "\(fetched)")
        let held = try certificates(home)
        #expect(held.count == 1)
        let answers = try house.scratch.write(
            "password=correct horse alice staple\nrecovery=\(code)\ntotp=auto\n", to: "recovery.answers")
        let login = [
            "login", "--recovery", "--answers-file", answers, "--totp-secret-file",
            house.scratch.path("alice.totp"),
        ]
        let entered = try await house.reeve(login, home: home)
        #expect(entered.status == 0, "\(entered.errors)")
        for text in ["device:alice.laptop, with a new key", "recovery codes was used", "al@env=staging"] {
            #expect(entered.output.contains(text), "\(text): \(entered.output)")
        }
        let keys = try await house.reeve("keys", "list", home: home)
        #expect(keys.output.contains("compromised") && keys.output.contains("  active"), "\(keys)")
        let list = house.scratch.path("krl")
        _ = try await Program.run("/usr/bin/curl", ["-skf", "-o", list, "\(house.url)/v1/krl/user"])
        for file in held {
            let asked = try await Program.run("/usr/bin/ssh-keygen", ["-Q", "-f", list, file])
            #expect(asked.status == 1 && asked.output.contains("REVOKED"), "\(asked)")
        }
        for file in try certificates(home) {
            #expect(try await Program.run("/usr/bin/ssh-keygen", ["-Q", "-f", list, file]).status == 0)
        }
        let again = try await house.reeve(login, home: home)
        #expect(again.status != 0 && again.errors.contains("sign-in-failed"), "\(again.errors)")
        let shown = try await house.reeve("whoami", home: home)
        #expect(shown.status == 0 && !shown.output.contains("limited"), "the session goes on: \(shown)")
        let codes = try await house.reeve("recovery", "codes", home: home)
        #expect(codes.status == 0 && codes.output.split(separator: "\n").count == 10, "\(codes.errors)")
        let reached = try await house.reeve("login", "--if-needed", home: home)
        #expect(reached.output.contains("al@env=staging"), "\(reached.errors)")
    }

    /// Copies of those that this device holds, in the order of their names.
    private func certificates(_ home: String) throws -> [String] {
        let folder = "\(home)/certificates"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        return try names.filter { $0.hasSuffix("-cert.pub") }.sorted().map { name in
            let copy = "\(home)/\(UUID().uuidString)-cert.pub"
            try FileManager.default.copyItem(atPath: "\(folder)/\(name)", toPath: copy)
            return copy
        }
    }

    private func devices(_ house: Installation, _ home: String) async throws {
        let strange = try await house.reeve("device", "lost", "boss.test", home: home)
        #expect(strange.status == 1 && strange.errors.contains("not-found"))
        let lost = try await house.reeve("device", "lost", "alice.laptop", "--reason", "stolen", home: home)
        #expect(lost.status == 0, "\(lost.errors)")
        let after = try await house.reeve("whoami", home: home)
        #expect(after.status == 4, "its session ended with it")
        let shown = try await house.reeve("device", "show", "alice.laptop")
        #expect(shown.output.contains("status: retired, set by alice"))
        #expect(shown.output.contains("compromised"))
        let export = house.scratch.path("export")
        #expect(try await house.reeve("audit", "export", export).status == 0)
        #expect(try await house.reeve("audit", "verify", export).status == 0)
    }
}

extension `The rights and the account of a person` {
    /// The session's factors are made older in the database, while the server is not there to remember them. Without a
    /// terminal, whatever the tests have, nobody can be asked.
    @Test(.timeLimit(.minutes(20)))
    func `go on with a command once the factor that it asks for is shown again`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        try await house.stopServer()
        let aged = try await Program.run(
            "/usr/bin/python3",
            [
                "-c",
                """
                import sqlite3, sys
                with sqlite3.connect(sys.argv[1]) as records:
                    records.execute("UPDATE session SET factors = 'password=1700000000 totp=1700000000'")
                records.close()
                """, "\(house.data)/keyreeve.db",
            ])
        #expect(aged.status == 0, "\(aged.errors)")
        try await house.start()
        let add = ["person", "add", "bob", "--login", "bob", "--link-only"]
        let refused = try await Program.run(
            "/usr/bin/setsid", ["--wait", Program.path("reeve")] + add,
            environment: ["REEVE_HOME": house.home, "SSH_AUTH_SOCK": ""])
        #expect(refused.status == 4 && refused.errors.contains("factor-too-old"), "\(refused.errors)")
        let answers = try house.scratch.write("totp=auto+1\n", to: "again.answers")
        let shown = try await Program.run(
            "reeve", add,
            environment: [
                "REEVE_HOME": house.home, "SSH_AUTH_SOCK": "", "REEVE_ANSWERS_FILE": answers,
                "REEVE_TOTP_SECRET_FILE": house.scratch.path("boss.totp"),
            ])
        #expect(shown.status == 0, "\(shown.errors)")
        #expect(shown.output.hasPrefix("https://"))
        #expect(shown.errors.contains("asked again: totp"))
    }
}
