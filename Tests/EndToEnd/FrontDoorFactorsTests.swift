import Foundation
import Posix
import SSHFormats
import Testing

/// Grants that want more than the way by which somebody came: the door goes on with the conversation for that.
@Suite(.servers, .enabled(if: PAMHouse.isPossible, "needs libpam-oath and libpam-google-authenticator"))
struct `The front door and further factors` {
    private static let policy = """
        grants:
          - {name: admins, who: [boss], to: [authority], as: [admin]}
          - {name: staging, who: [group:all], to: [label:env=staging], as: [daemon], for: 2h, door: true}
          - {name: prod, who: [group:all], to: [label:env=prod], as: [root], door: true, with: [totp]}
          - {name: later, who: [group:all], to: [label:env=prod], as: [later], with: [password]}

        """

    static func stack() async throws -> PAMStack {
        try await PAMStack(PAMStack.openSesame.stack, files: PAMStack.openSesame.files)
    }

    /// A door to which people come by PAM, and two hosts.
    static func open(
        _ people: [String], _ pam: PAMStack, policy more: String = "", groups: String = ""
    ) async throws -> FrontDoor {
        let door = try await FrontDoor(
            configuration: """
                [sign_in]
                ways = ["password+totp", "pam", "totp+pam", "sshkey+totp", "password+device"]
                [pam]
                socket = "\(pam.socket)"
                """)
        for name in people { try await door.person(name) }
        let text = "groups: {all: [\(people.joined(separator: ", "))]\(groups)}\n" + policy + more
        let applied = try await door.house.reeve(
            "policy", "apply", try door.house.scratch.write(text, to: "policy.yaml"))
        guard applied.status == 0 else { throw Failure("policy: \(applied.errors)") }
        for (host, label) in [("web1.example.com", "env=staging"), ("db1.example.com", "env=prod")] {
            let added = try await door.house.reeve("host", "add", host, "--label", label, "--link-only")
            guard added.status == 0 else { throw Failure("host: \(added.errors)") }
        }
        return door
    }

    /// Somebody who came to the door by PAM: what ssh said, what it asked, and what is in their agent then.
    private struct Visit {
        let ending: Program.Ending
        let asked: [String]
        let principals: [String]
    }

    private static let password = "Password:"
    private static let code = "Code from the authenticator app:"

    private func visit(
        _ name: String, _ answers: [String], _ door: FrontDoor, from source: String, by way: String = "pam",
        agent: OwnAgent? = nil, _ command: [String] = [], input: String = ""
    ) async throws -> Visit {
        let agent = if let agent { agent } else { try await OwnAgent() }
        let scripted = try ScriptedAnswers(answers, secret: door.house.scratch.path("\(name).totp"))
        let ending = try await door.ssh(
            "\(name)/\(way)", command, options: ["-A", "-b", source], input: input, agent: agent.socket,
            askpass: scripted.program)
        let principals = try await agent.lines().filter { $0.contains("-cert-") }.flatMap {
            try Certificate(text: $0).principals?.names ?? []
        }
        return Visit(ending: ending, asked: scripted.asked, principals: principals.sorted())
    }

    private func events(_ door: FrontDoor) async throws -> [String] {
        let export = door.house.scratch.path("export-\(UUID().uuidString)")
        guard try await door.house.reeve("audit", "export", export).status == 0 else { return [] }
        let text = String(decoding: FileManager.default.contents(atPath: export) ?? Data(), as: UTF8.self)
        return text.split(separator: "\n").filter { $0.hasPrefix("event\t") }.compactMap { line in
            Data(base64Encoded: String(line.split(separator: "\t").last ?? "")).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
    }

    @Test(.timeLimit(.minutes(20))) func `asks for them before anybody is in, and each may be left out`()
        async throws
    {
        let pam = try await Self.stack()
        let door = try await Self.open(["ann", "ben", "cat", "dan", "eve", "fay"], pam)
        let both = ["daemon@env=staging", "root@env=prod"]
        let ann = try await visit("ann", ["open sesame", "code"], door, from: "127.0.5.1")
        #expect(ann.ending.status == 0, "\(ann.ending.errors)")
        #expect(ann.asked == [Self.password, Self.code])
        #expect(ann.principals == both)
        #expect(
            ann.ending.errors.contains("Grant prod asks for totp too. An empty answer leaves it out."),
            "\(ann.ending.errors)")

        let ben = try await visit("ben", ["open sesame", ""], door, from: "127.0.5.2")
        #expect(ben.ending.status == 0 && ben.asked == [Self.password, Self.code], "\(ben.ending.errors)")
        #expect(ben.principals == ["daemon@env=staging"])
        #expect(
            ben.ending.errors.contains(
                "Left out: root by grant prod, scope day, missing: factor-required (totp). "
                    + "To get it, come again and show totp when the door asks."), "\(ben.ending.errors)")

        let cat = try await visit("cat", ["open sesame", "000000", "code"], door, from: "127.0.5.3")
        #expect(cat.ending.status == 0 && cat.asked.count == 3, "\(cat.ending.errors)")
        #expect(cat.ending.errors.contains("totp was refused."))
        #expect(cat.principals == both)

        // The authority's own counter ends it: five for one address, then the right one is refused as well.
        for (wrong, count) in [(["0", "1", "2"], 4), (["3", "4", "code"], 4)] {
            let answers = wrong.map { $0 == "code" ? $0 : "00000\($0)" }
            let dan = try await visit("dan", ["open sesame"] + answers, door, from: "127.0.5.4")
            #expect(dan.ending.status == 0 && dan.asked.count == count, "\(dan.ending.errors)")
            #expect(dan.principals == ["daemon@env=staging"])
            #expect(dan.ending.errors.contains("too many answers were refused"), "\(dan.ending.errors)")
        }

        // Standard input is the key, and what is asked for is asked for all the same.
        let line = try PrivateKey.generate(.ed25519).publicKey.text(comment: "mine")
        let eve = try await visit(
            "eve", ["open sesame", "code"], door, from: "127.0.5.5",
            ["sign", "--grant", "prod", "--as", "root"], input: line + "\n")
        #expect(eve.ending.status == 0 && eve.asked == [Self.password, Self.code], "\(eve.ending.errors)")
        #expect(try Certificate(text: eve.ending.output).principals?.names == ["root@env=prod"])
        let late = try await visit(
            "fay", ["open sesame", ""], door, from: "127.0.5.6",
            ["sign", "--grant", "prod", "--as", "root"], input: line + "\n")
        #expect(late.ending.status == 1 && late.ending.output.isEmpty)
        #expect(late.ending.errors.contains("come again and show totp when the door asks"))
        // Who shows it with the sign-in is asked for nothing else.
        let all = try await visit("fay", ["code", "open sesame"], door, from: "127.0.5.6", by: "totp+pam")
        #expect(all.asked == [Self.code, Self.password] && all.principals == both, "\(all.ending.errors)")

        let events = try await events(door)
        let refused = events.filter { $0.contains("session.stepped-up") && $0.contains("dan") }
        #expect(refused.count == 6, "\(events.filter { $0.contains("dan") })")
        #expect(refused.allSatisfy { $0.contains("127.0.5.4") })
        #expect(
            !door.log.contains("crashed") && !(door.log + door.house.scratch.text("log")).contains("sesame"))
    }

    @Test(.timeLimit(.minutes(20))) func `gives nothing to nobody, and ends with whoever leaves`()
        async throws
    {
        let pam = try await Self.stack()
        let door = try await Self.open(["ann"], pam)
        // Nobody is not asked for more than anybody who is wrong.
        for name in ["ann", "nobody"] {
            let wrong = try await visit(name, ["wrong"], door, from: "127.0.5.11")
            #expect(wrong.ending.status == 255 && wrong.asked == [Self.password], "\(wrong.ending.errors)")
            #expect(!wrong.ending.errors.contains("Grant"))
        }
        // In the middle of the step-up: no channel yet, and the session ends.
        let left = try await Program.run(
            "/usr/bin/python3",
            [
                "\(ForeignClient.folder)/door-guest.py", "leaving-late", "\(door.port)", "ann/pam",
                "\(door.data)/ssh_host_ed25519_key.pub", "127.0.5.12",
            ], input: "open sesame\n000000\n")
        #expect(left.output == "left\n", "\(left.errors)")
        try await until("the worker of whoever left has ended") { door.workers.isEmpty }
        let events = try await events(door).filter { $0.contains("127.0.5.12") }
        #expect(events.contains { $0.contains("sign-in.done") }, "\(events)")
        #expect(events.contains { $0.contains("session.ended") }, "\(events)")
        #expect(!events.contains { $0.contains("certificate") })
        // Nor by any message that no client would send there.
        let tried = try await Program.run(
            "/usr/bin/python3",
            ["\(ForeignClient.folder)/door-stranger.py", "\(door.port)", "ann/pam", "open sesame"])
        let lines = tried.output.split(separator: "\n")
        #expect(
            lines.count == 8 && lines.allSatisfy { $0.hasPrefix("refused ") },
            "\(tried.output) \(tried.errors)")
        try await until("all workers have ended") { door.workers.isEmpty }
        #expect(!door.log.contains("crashed"), "\(door.log)")
    }

    @Test(.timeLimit(.minutes(20))) func `asks again for what has become too old, and before others agree`()
        async throws
    {
        let pam = try await Self.stack()
        let door = try await Self.open(
            ["ann", "ben"], pam,
            policy: """
                  - {name: fresh, who: [ann], to: [label:env=prod], as: [fresh], door: true,
                     with: [{factor: totp, maxAge: 20s}]}
                  - {name: agreed, who: [ben], to: [label:env=prod], as: [agreed], door: true, with: [totp],
                     approve: {by: group:leads, count: 1}}

                """, groups: ", leads: [ann]")
        let line = try PrivateKey.generate(.ed25519).publicKey.text(comment: "mine")
        let sign = ["sign", "--grant", "agreed", "--as", "agreed"]
        let asked = try await self.visit(
            "ben", ["open sesame", "code"], door, from: "127.0.5.21", sign, input: line + "\n")
        #expect(asked.ending.status == 1 && asked.ending.output.isEmpty)
        #expect(asked.ending.errors.contains("request 1 has 0 of 1 approvals"), "\(asked.ending.errors)")
        let approved = try await door.house.reeve("approve", "1", home: door.house.scratch.path("home-ann"))
        #expect(approved.status == 0, "\(approved.errors)")

        // The first code is too old when PAM is answered, and the next one is another.
        let slow = try ScriptedAnswers(
            ["code", "wait open sesame", "code"], secret: door.house.scratch.path("ann.totp"))
        let agent = try await OwnAgent()
        async let visit = door.ssh(
            "ann/totp+pam", options: ["-A"], agent: agent.socket, askpass: slow.program)
        try await until("PAM asks") { slow.asked.count == 2 }
        let shown = Date()
        try await until("the code is too old") { shown.timeIntervalSinceNow < -31 }
        try await slow.goOn()
        let ann = try await visit
        #expect(slow.asked == [Self.code, Self.password, Self.code], "\(ann.errors)")
        #expect(ann.output.contains("fresh by grant fresh"), "\(ann.output) \(ann.errors)")

        let agreed = try await self.visit(
            "ben", ["open sesame", "code"], door, from: "127.0.5.21", sign, input: line + "\n")
        #expect(agreed.ending.status == 0, "\(agreed.ending.errors)")
        #expect(try Certificate(text: agreed.ending.output).principals?.names == ["agreed@env=prod"])
    }

    @Test(.timeLimit(.minutes(20))) func `has the forwarded agent sign where an ssh key is wanted`()
        async throws
    {
        let pam = try await Self.stack()
        let door = try await Self.open(
            ["ann"], pam,
            policy: """
                  - {name: keyed, who: [ann], to: [label:env=prod], as: [keyed], door: true, with: [sshkey]}

                """)
        let agent = try await `The front door behind a stock sshd`.registered("ann", door)
        let without = try await visit("ann", ["open sesame", ""], door, from: "127.0.5.31")
        #expect(without.ending.status == 0 && without.asked.count == 2, "\(without.ending.errors)")
        #expect(without.principals == ["daemon@env=staging"])
        #expect(
            without.ending.errors.contains("your ssh-agent holds none of the ssh keys that you registered"),
            "\(without.ending.errors)")
        #expect(
            without.ending.errors.contains("To get it, have one of your registered ssh keys in the agent"))
        let line = try PrivateKey.generate(.ed25519).publicKey.text(comment: "mine")
        let signed = try await visit(
            "ann", ["open sesame"], door, from: "127.0.5.32", agent: agent,
            ["sign", "--grant", "keyed", "--as", "keyed"], input: line + "\n")
        #expect(signed.ending.status == 0, "\(signed.ending.errors)")
        #expect(try Certificate(text: signed.ending.output).principals?.names == ["keyed@env=prod"])
        let with = try await visit("ann", ["open sesame"], door, from: "127.0.5.33", agent: agent)
        #expect(with.principals == ["daemon@env=staging", "keyed@env=prod"], "\(with.ending.errors)")
        // As the way to sign in it would be asked for before there is an agent.
        let way = try await visit("ann", [], door, from: "127.0.5.34", by: "sshkey+totp", agent: agent)
        #expect(way.ending.status == 255)
        #expect(way.ending.errors.contains("an ssh key, which cannot be had here"), "\(way.ending.errors)")
    }

    @Test(.timeLimit(.minutes(20))) func `rings another device, and asks what PAM asks`() async throws {
        let pam = try await Self.stack()
        let door = try await Self.open(
            ["ann", "ben", "cat"], pam,
            policy: """
                  - {name: rung, who: [ann], to: [label:env=prod], as: [rung], door: true, with: [device]}
                  - {name: stacked, who: [ben, cat], to: [label:env=prod], as: [stacked], door: true, with: [pam]}

                """)
        let by = "password+totp"
        let ben = try await visit(
            "ben", ["correct horse ben staple", "code", "yes", "open sesame"], door, from: "127.0.5.41",
            by: by)
        #expect(ben.ending.status == 0, "\(ben.ending.errors)")
        #expect(ben.asked.suffix(2) == ["Type yes to show pam now:", Self.password])
        #expect(ben.principals == ["daemon@env=staging", "root@env=prod", "stacked@env=prod"])
        let cat = try await visit(
            "cat", ["correct horse cat staple", "code", "yes", "wrong", "no"], door, from: "127.0.5.42",
            by: by)
        #expect(cat.ending.status == 0, "\(cat.ending.errors)")
        #expect(cat.ending.errors.contains("pam was refused."), "\(cat.ending.errors)")
        #expect(cat.principals == ["daemon@env=staging", "root@env=prod"])

        let shown = door.house.scratch.path("shown")
        let scripted = try ScriptedAnswers(
            ["correct horse ann staple", "code", "yes"], secret: door.house.scratch.path("ann.totp"))
        let agent = try await OwnAgent()
        async let ann = door.ssh(
            "ann/\(by)", options: ["-A", "-b", "127.0.5.43", "-E", shown], agent: agent.socket,
            askpass: scripted.program)
        try await until("the door shows a number") { Self.code(in: shown) != nil }
        let answers = try door.house.scratch.write(
            "number=\(try #require(Self.code(in: shown)))\n", to: "number")
        let approved = try await door.house.reeve(
            "sign-in", "approve", "--answers-file", answers, home: door.house.scratch.path("home-ann"))
        #expect(approved.status == 0 && approved.errors.contains("from 127.0.5.43"), "\(approved.errors)")
        let ending = try await ann
        #expect(ending.status == 0 && ending.output.contains("rung by grant rung"), "\(ending.output)")
    }

    /// The number to be matched on the other device, which ssh wrote there.
    private static func code(in file: String) -> String? {
        let text = String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("Code: ") }
            .map { $0.dropFirst("Code: ".count).trimmingCharacters(in: .whitespaces) }
    }
}
