import Foundation
import Testing

@Suite(.servers, .enabled(if: Canaille.isPresent, "needs Chromium and selenium: make setup"))
struct `A passkey in a real browser` {
    private static let policy = """
        grants:
          - {name: run-it, who: [boss], to: [authority], as: [admin]}
          - {name: touch, who: [boss], to: [label:env=staging], as: [deploy], scope: day, for: 8h,
             with: [{factor: webauthn, maxAge: 15m}]}

        """

    private func house(_ more: String = "") async throws -> Installation {
        let house = try await Installation(
            configuration: """
                [sign_in]
                ways = ["password+totp", "password+webauthn", "webauthn"]
                \(more)
                """)
        try await house.enrolAdmin()
        return house
    }

    @Test(.timeLimit(.minutes(20))) func `is registered, signs in, and reaches a certificate (A07)`()
        async throws
    {
        let house = try await house()
        for arguments in [
            ["policy", "apply", try house.scratch.write(Self.policy, to: "policy.yaml")],
            ["host", "add", "web1", "--label", "env=staging"],
        ] {
            let done = try await house.reeve(arguments)
            #expect(done.status == 0, "\(done.errors)")
        }
        let password = try house.scratch.write("password=correct horse boss staple\n", to: "password")
        let wrong = try house.scratch.write("password=wrong horse boss staple\n", to: "wrong")
        let both = "reeve login --with password+webauthn --answers-file"
        let replies = try await PasskeyPerson(home: house.home).act([
            "reeve factor webauthn --name blue", "reeve factor webauthn list --json",
            "\(both) \(password)", "reeve whoami --json",
            "reeve login --with webauthn --no-certificates", "verify off",
            "reeve login --with webauthn --no-certificates", "verify on",
            "\(both) \(wrong)", "reeve login nobody --with webauthn --no-certificates",
            "wrong", "reeve login --with webauthn --no-certificates",
            "deny", "reeve login --with webauthn --no-certificates",
            "count 1", "reeve login --with webauthn --no-certificates", "count 1000000",
            "reeve login --with webauthn", "reeve whoami --json", "reeve factor webauthn",
            "reeve factor webauthn remove blue", "reeve login --with webauthn --no-certificates",
        ])
        let story = replies.map(\.story)

        #expect(replies[0].status == 0 && replies[0].page?.title == "Done", "\(story[0])")
        #expect(replies[0].page?.before?.contains("Register a passkey") == true, "\(story[0])")
        #expect(replies[0].page?.url?.contains("#") == false, "the address keeps no secret")
        #expect(replies[0].page?.console == [], "\(replies[0].page?.console ?? [])")
        #expect(replies[1].output?.contains(#""name":"blue""#) == true, "\(story[1])")

        #expect(replies[2].status == 0 && replies[2].page?.title == "Done", "\(story[2])")
        #expect(replies[2].output?.contains("deploy by grant touch") == true, "\(story[2])")
        #expect(replies[2].page?.before?.contains("127.0.0.1") == true, "\(story[2])")
        #expect(replies[2].page?.before?.contains("boss") == false, "the page names nobody: \(story[2])")
        #expect(replies[3].output?.contains("webauthn") == true, "\(story[3])")
        #expect(replies[3].output?.contains("passkey-added") == true, "\(story[3])")
        #expect(replies[4].status == 0, "\(story[4])")
        // Unverified, alone: the browser does not even sign.
        #expect(
            replies[6].status != 0 && replies[6].page?.text.contains("No passkey answered") == true,
            "\(story[6])")
        // A wrong password and a name that nobody has look the same until the end.
        for place in [8, 9] {
            #expect(replies[place].page?.title == "Done", "\(story[place])")
            #expect(replies[place].status == 1 && replies[place].errors?.contains("sign-in-failed") == true)
        }
        for place in [11, 13] {
            #expect(replies[place].status == 1 && replies[place].errors?.contains("sign-in-failed") == true)
        }
        #expect(replies[11].page?.title == "This is over", "\(story[11])")
        #expect(replies[13].page?.title == "Ended", "\(story[13])")
        // A copy of the passkey that counts on its own.
        #expect(replies[15].status == 1 && replies[15].page?.title == "This is over", "\(story[15])")
        #expect(replies[17].status == 0, "\(story[17])")
        #expect(replies[18].output?.contains("sign-count-fell") == true, "\(story[18])")
        // The authenticator has one already.
        #expect(replies[19].page?.text.contains("registered already") == true, "\(story[19])")
        #expect(replies[20].status == 0, "\(story[20])")
        #expect(replies[21].status == 1 && replies[21].page?.title == "This is over", "\(story[21])")

        try await securityKeys(house, both, password, wrong)
        let events = try await house.reeve("audit", "list")
        #expect(events.output.contains("factor.sign-count-fell"), "\(events.errors)")
        #expect(!house.scratch.text("log").contains("#"), "nothing of an address reaches the log")
    }

    @Test(.timeLimit(.minutes(20))) func `opens a grant that wants it to whoever came to the front door`()
        async throws
    {
        let door = try await FrontDoor(
            configuration: "[sign_in]\nways = [\"password+totp\", \"password+webauthn\"]\n")
        let house = door.house
        try await door.person("ann")
        let policy =
            Self.policy + "  - {name: key, who: [ann], to: [label:env=staging], as: [key], "
            + "door: true, with: [webauthn]}\n"
        for arguments in [
            ["policy", "apply", try house.scratch.write(policy, to: "policy.yaml")],
            ["host", "add", "web1", "--label", "env=staging"],
        ] {
            let done = try await house.reeve(arguments)
            #expect(done.status == 0, "\(done.errors)")
        }
        let agent = try await OwnAgent()
        let scripted = try ScriptedAnswers(
            ["correct horse ann staple", "code", "yes"], secret: house.scratch.path("ann.totp"))
        let person = PasskeyPerson(
            home: house.scratch.path("home-ann"),
            environment: [
                "SSH_AUTH_SOCK": agent.socket, "SSH_ASKPASS": scripted.program,
                "SSH_ASKPASS_REQUIRE": "force",
            ])
        let replies = try await person.act([
            "reeve factor webauthn --name blue",
            "ssh -A -F none -p \(door.port) -o UserKnownHostsFile=\(try door.knownHosts()) "
                + "-o GlobalKnownHostsFile=/dev/null ann@127.0.0.1",
        ])
        let story = replies.map(\.story)
        #expect(replies[0].status == 0, "\(story[0])")
        #expect(scripted.asked.last == "Type yes to show webauthn now:")
        #expect(replies[1].status == 0 && replies[1].page?.title == "Done", "\(story[1])")
        #expect(replies[1].output?.contains("key by grant key") == true, "\(story[1])")
        #expect(try await agent.lines().count == 2)
    }

    /// Keys that keep nothing: one of CTAP2, and a U2F token, which checks no PIN.
    private func securityKeys(
        _ house: Installation, _ both: String, _ password: String, _ wrong: String
    ) async throws {
        for kind in ["ctap2", "u2f"] {
            let replies = try await PasskeyPerson(home: house.home).act([
                "holder \(kind)", "reeve factor webauthn --name \(kind)-full",
                "reeve factor webauthn --security-key --name \(kind)", "reeve factor webauthn list",
                "\(both) \(password)", "listed", "\(both) \(password)", "listed", "\(both) \(wrong)",
                "reeve login --with webauthn --no-certificates", "reeve factor webauthn remove \(kind)",
            ])
            let story = replies.map(\.story)
            // It can keep no passkey.
            #expect(replies[1].status != 0, "\(kind): \(story[1])")
            #expect(replies[2].status == 0 && replies[2].page?.title == "Done", "\(kind): \(story[2])")
            #expect(replies[2].page?.before?.contains("Register a security key") == true, "\(story[2])")
            #expect(replies[2].output?.contains("second factor") == true, "\(kind): \(story[2])")
            #expect(replies[3].output?.contains("security key") == true, "\(kind): \(story[3])")
            // No browser finds it by itself; by its id it is found, and no word on the page names its person.
            #expect(replies[4].status != 0, "\(kind): \(story[4])")
            #expect(replies[6].status == 0 && replies[6].page?.title == "Done", "\(kind): \(story[6])")
            #expect(replies[6].output?.contains("deploy by grant touch") == true, "\(kind): \(story[6])")
            #expect(replies[6].page?.before?.contains("boss") == false, "\(kind): \(story[6])")
            #expect(replies[8].status == 1 && replies[8].page?.title == "Done", "\(kind): \(story[8])")
            #expect(replies[8].errors?.contains("sign-in-failed") == true, "\(kind): \(story[8])")
            // Never alone: there is no button for it.
            #expect(replies[9].status != 0, "\(kind): \(story[9])")
            #expect(replies[9].page?.before?.contains("keeps no passkey") == false, "\(kind): \(story[9])")
            #expect(replies[10].status == 0, "\(kind): \(story[10])")
        }
    }
}

@Suite struct `A configuration with passkeys` {
    @Test(arguments: [
        ("", "", true, ""),
        ("", "rp_id = \"example.com\"\nuser_verification = \"required\"", true, ""),
        ("name = \"192.0.2.1\"", "", false, "not at numeric addresses"),
        ("", "rp_id = \"example.org\"", false, "webauthn.rp_id: example.org is neither ca.example.com nor"),
        ("", "rp_id = \"xample.com\"", false, "webauthn.rp_id"),
        (
            "addresses = [\"https://ca.example.com\", \"https://b.example.net\"]", "rp_id = \"example.com\"",
            false, "b.example.net"
        ),
        ("", "user_verification = \"never\"", false, "required, preferred, discouraged"),
    ]) func `is checked before a passkey is lost by it`(
        _ server: String, _ webauthn: String, _ isGood: Bool, _ said: String
    ) async throws {
        let scratch = Scratch()
        let name = server.contains("name =") ? "" : "name = \"ca.example.com\""
        let text = """
            [server]
            \(name)
            \(server)
            [sign_in]
            ways = ["webauthn"]
            [webauthn]
            \(webauthn)

            """
        let file = try scratch.write(text, to: "reeved.toml")
        let ending = try await Program.run("reeved", ["config", "--check", "--config", file])
        #expect((ending.status == 0) == isGood, "\(ending)")
        #expect(said.isEmpty || (ending.output + ending.errors).contains(said), "\(ending)")
    }
}
