import Foundation
import Testing

/// `reeve recover` on machines that the authority has never seen.
@Suite(.servers) struct `Coming back without factors` {
    private static let policy = """
        groups: {leads: [alice, bob, carol]}
        recovery: {device: true, by: group:leads, count: 2}
        grants:
          - {name: admins, who: [boss], to: [authority], as: [admin]}
        """

    /// A `reeve recover` that waits, and what it has said so far.
    private struct Recovering {
        let program: SpawnedProgram
        let output: String
        let errors: String

        init(_ house: Installation, _ arguments: [String], as name: String, home: String) throws {
            let answers = try house.scratch.write(
                "password=a new sentence of \(name)\ntotp=auto+1\n", to: "\(home).answers")
            output = house.scratch.path("\(home).out")
            errors = house.scratch.path("\(home).err")
            program = try SpawnedProgram(
                Program.path("reeve"),
                [
                    "recover", name, "--device", home, "--answers-file", answers, "--totp-secret-file",
                    house.scratch.path("\(home).totp"),
                ] + arguments,
                environment: ["REEVE_HOME": house.scratch.path(home), "SSH_AUTH_SOCK": ""],
                output: output, errors: errors)
        }

        /// The four digits that it shows.
        func number() async throws -> String {
            var found: String?
            try await until("a number is shown") {
                let text = try? String(contentsOfFile: errors, encoding: .utf8)
                found = text?.firstMatch(of: /: ([0-9]{4})\n/).map { String($0.output.1) }
                return found != nil || !program.isRunning
            }
            guard let found else {
                throw Failure((try? String(contentsOfFile: errors, encoding: .utf8)) ?? "nothing was said")
            }
            return found
        }

        func ended() async throws -> Program.Ending {
            Program.Ending(
                status: await program.ended(), output: try String(contentsOfFile: output, encoding: .utf8),
                errors: try String(contentsOfFile: errors, encoding: .utf8))
        }
    }

    @Test(.timeLimit(.minutes(20)), arguments: Engine.allCases)
    func `Z07 works when two colleagues vouch, or a device of one's own, and ends everything before`(
        _ engine: Engine
    ) async throws {
        let house = try await Installation(database: try await engine.database())
        try await house.enrolAdmin()
        let applied = try await house.reeve(
            "policy", "apply", try house.scratch.write(Self.policy, to: "policy.yaml"))
        #expect(applied.status == 0, "\(applied.errors)")
        for name in ["alice", "bob", "carol"] {
            let link = try await house.reeve("person", "add", name, "--link-only")
            try await house.enrol(
                name, link: try house.scratch.write(link.output, to: "\(name).link"),
                home: house.scratch.path(name))
        }
        let printed = try await house.reeve("recover", "--print-authority", home: house.scratch.path("bob"))
        #expect(printed.status == 0 && printed.output.contains("--pin "), "\(printed)")
        let authority = printed.output.split(whereSeparator: \.isWhitespace).map(String.init)

        // A stranger asks first; bob takes it for alice's, and types the number that alice tells.
        let theirs = try Recovering(
            house, authority + ["--by", "colleagues"], as: "alice", home: "stranger")
        let wrong = try await theirs.number()
        let own = try Recovering(
            house,
            authority + ["--by", "colleagues", "--lost", "alice.test", "--reason", "laptop was stolen"],
            as: "alice", home: "new")
        let number = try await own.number()
        let listed = try await house.reeve("requests", home: house.scratch.path("bob"))
        #expect(listed.output.contains("recovery") && listed.output.contains("laptop was stolen"))
        if number != wrong {
            let mistaken = try await approve(1, number, "bob", house)
            #expect(mistaken.status == 1 && mistaken.errors.contains("sign-in-failed"), "\(mistaken)")
        }
        kill(theirs.program.pid, SIGKILL)
        let told = try await house.reeve("whoami", home: house.scratch.path("alice"))
        #expect(told.output.contains("asks to be let in as you"), "\(told)")
        let herself = try await approve(2, number, "alice", house)
        #expect(herself.status == 1 && herself.errors.contains("approver-required"), "\(herself)")
        for name in ["bob", "carol"] {
            let approved = try await approve(2, number, name, house)
            #expect(approved.status == 0, "\(approved)")
            #expect(approved.errors.contains("recovery of: alice"), "\(approved.errors)")
        }
        let back = try await own.ended()
        #expect(back.status == 0 && back.output.contains("You are back"), "\(back)")
        let old = try await house.reeve("whoami", home: house.scratch.path("alice"))
        #expect(old.status == 4, "\(old)")
        let devices = try await house.reeve("device", "list", home: house.scratch.path("new"))
        #expect(devices.output.contains("device:alice.test  retired"), "\(devices)")
        #expect(devices.output.contains("device:alice.new  active"), "\(devices)")
        let keys = try await house.reeve("keys", "list", home: house.scratch.path("new"))
        #expect(keys.output.contains("compromised"), "\(keys)")

        // bob comes back by his own device, which he keeps.
        let second = try Recovering(
            house, authority + ["--by", "device", "--keep", "bob.test"], as: "bob", home: "second")
        let shown = try await second.number()
        let answers = try house.scratch.write("number=\(shown)\n", to: "shown")
        let letIn = try await house.reeve(
            "sign-in", "approve", "--answers-file", answers, home: house.scratch.path("bob"))
        #expect(letIn.status == 0 && letIn.errors.contains("RECOVERY"), "\(letIn)")
        let returned = try await second.ended()
        #expect(returned.status == 0, "\(returned)")
        let both = try await house.reeve("device", "list", home: house.scratch.path("second"))
        #expect(both.output.contains("device:bob.test  active"), "\(both)")
        #expect(try await house.reeve("whoami", home: house.scratch.path("bob")).status == 4)

        try await changePassword("carol", house)
        let unknown = try await house.reeve(
            ["recover", "nobody", "--by", "helpdesk"] + authority, home: house.scratch.path("third"))
        #expect(unknown.status == 2, "\(unknown)")
        let export = house.scratch.path("export")
        #expect(try await house.reeve("audit", "export", export).status == 0)
        #expect(try await house.reeve("audit", "verify", export).status == 0)
        let events = try await house.reeve("audit", "list", "--limit", "200")
        for action in ["recovery.asked", "request.approved", "sign-in.approved", "recovery.done"] {
            #expect(events.output.contains(action), "\(action)")
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func `is asked for again after kill -9 of reeve or of reeved, and nothing is lost`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        let applied = try await house.reeve(
            "policy", "apply", try house.scratch.write(Self.policy, to: "policy.yaml"))
        #expect(applied.status == 0, "\(applied.errors)")
        for name in ["bob", "carol"] {
            let link = try await house.reeve("person", "add", name, "--link-only")
            try await house.enrol(
                name, link: try house.scratch.write(link.output, to: "\(name).link"),
                home: house.scratch.path(name))
        }
        let codes = try await enrolWithCodes("alice", house)
        try await interrupted(house, codes)

        // Colleagues were asked, and then both ends are gone: the same number waits again.
        let printed = try await house.reeve("recover", "--print-authority", home: house.scratch.path("bob"))
        let authority =
            printed.output.split(whereSeparator: \.isWhitespace).map(String.init) + ["--by", "colleagues"]
        let first = try Recovering(house, authority, as: "alice", home: "new")
        let number = try await first.number()
        kill(first.program.pid, SIGKILL)
        _ = await first.program.ended()
        try await house.killServer()
        try await house.start()
        for path in [first.output, first.errors] { try FileManager.default.removeItem(atPath: path) }
        let second = try Recovering(house, authority, as: "alice", home: "new")
        #expect(try await second.number() == number)
        for name in ["bob", "carol"] {
            let approved = try await approve(1, number, name, house)
            #expect(approved.status == 0, "\(approved)")
        }
        let back = try await second.ended()
        #expect(back.status == 0 && back.output.contains("device:alice.new"), "\(back)")
    }

    /// By a code on the same laptop, interrupted before and just after it counted.
    private func interrupted(_ house: Installation, _ codes: [Substring]) async throws {
        let home = house.scratch.path("alice")
        let secret = ["--totp-secret-file", house.scratch.path("alice.totp")]
        let shown = "password=correct horse alice staple\nrecovery=\(codes[0])\n"
        let halfway = try house.scratch.write(shown, to: "halfway.answers")
        let whole = try house.scratch.write(shown + "totp=auto\n", to: "whole.answers")
        let login = ["login", "--recovery", "--no-certificates"] + secret + ["--answers-file"]
        let stopped = try await Program.run(
            "/usr/bin/setsid", ["--wait", Program.path("reeve")] + login + [halfway],
            environment: ["REEVE_HOME": home, "SSH_AUTH_SOCK": ""])
        #expect(stopped.status == 4 && stopped.errors.contains("totp is asked for"), "\(stopped)")
        #expect(try await house.reeve("whoami", home: home).status == 0, "nothing has happened yet")

        // As the disk is when reeve is killed once the authority has kept everything.
        let torn = ["torn", "torn-too"].map(house.scratch.path)
        for copy in torn {
            #expect(try await Program.run("/bin/cp", ["-a", home, copy]).status == 0)
        }
        let back = try await house.reeve(login + [whole], home: home)
        #expect(back.status == 0 && back.output.contains("device:alice.test, with a new key"), "\(back)")
        let plain = try house.scratch.write(
            "password=correct horse alice staple\ntotp=auto+1\n", to: "plain.answers")
        let signedIn = try await house.reeve(
            ["login", "--no-certificates"] + secret + ["--answers-file", plain], home: torn[0])
        #expect(signedIn.status == 0 && signedIn.errors.contains("was interrupted"), "\(signedIn)")
        let whoami = try await house.reeve("whoami", home: torn[0])
        #expect(whoami.output.contains("device:alice.test"), "\(whoami)")

        // Asked for in the same words, it takes no further code.
        let taken = Int(Date().timeIntervalSince1970) / 30 + 1
        try await until("the authenticator shows another code") {
            Int(Date().timeIntervalSince1970) / 30 >= taken
        }
        let next = try house.scratch.write(
            "password=correct horse alice staple\nrecovery=\(codes[1])\ntotp=auto+1\n", to: "next.answers")
        let same = try await house.reeve(login + [next], home: torn[1])
        #expect(same.status == 0 && same.errors.contains("had come to its end"), "\(same)")
        let json = try await house.reeve("whoami", "--json", home: torn[1])
        #expect(json.output.contains(#""recoveryCodesLeft":9"#), "\(json)")
        #expect(json.output.contains("recovery-code-used") && json.output.contains("recovered"), "\(json)")
    }

    /// With a device called test.
    private func enrolWithCodes(_ name: String, _ house: Installation) async throws -> [Substring] {
        let added = try await house.reeve("person", "add", name, "--link-only")
        let answers = try house.scratch.write(
            "password=correct horse \(name) staple\ntotp=auto\n", to: "\(name).answers")
        let file = house.scratch.path("\(name).codes")
        let enrolled = try await house.reeve(
            [
                "enrol", "--link-file", try house.scratch.write(added.output, to: "\(name).link"), "--device",
                "test", "--answers-file", answers, "--totp-secret-file", house.scratch.path("\(name).totp"),
                "--recovery-codes-file", file,
            ], home: house.scratch.path(name))
        #expect(enrolled.status == 0, "\(enrolled.errors)")
        return try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    }

    /// And says that the key of the device goes on.
    private func changePassword(_ name: String, _ house: Installation) async throws {
        let home = house.scratch.path(name)
        let password = "a third sentence altogether"
        let fresh = try house.scratch.write("new-password=\(password)\n", to: "fresh")
        let changed = try await house.reeve(
            "factor", "password", "--end-others", "--answers-file", fresh, home: home)
        #expect(changed.status == 0 && changed.output.contains("0 other sessions"), "\(changed)")
        for (password, status) in [("correct horse \(name) staple", Int32(1)), (password, 0)] {
            let answers = try house.scratch.write("password=\(password)\ntotp=auto+1\n", to: "again")
            let login = try await house.reeve(
                "login", "--no-certificates", "--answers-file", answers, "--totp-secret-file",
                house.scratch.path("\(name).totp"), home: home)
            #expect(login.status == status, "\(login)")
        }
        let keys = try await house.reeve("keys", "list", "--json", home: home)
        let key = try #require(keys.output.firstMatch(of: /SHA256:[A-Za-z0-9+\/]{43}/), "\(keys)")
        let goesOn = try await house.reeve("keys", "reauthorize", String(key.output), home: home)
        #expect(goesOn.status == 0 && goesOn.output.contains("goes on"), "\(goesOn)")
        let shown = try await house.reeve("keys", "show", String(key.output), home: home)
        #expect(shown.output.contains("reauthorized: "), "\(shown)")
    }

    private func approve(
        _ request: Int, _ number: String, _ name: String, _ house: Installation
    ) async throws -> Program.Ending {
        let answers = try house.scratch.write("number=\(number)\n", to: "\(name).number")
        return try await house.reeve(
            "approve", "\(request)", "--answers-file", answers, home: house.scratch.path(name))
    }
}
