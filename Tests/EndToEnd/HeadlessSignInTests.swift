import Foundation
import TestKit
import Testing

/// Single sign-on at a provider that is not ours, in the browser of another machine.
@Suite(.servers, .enabled(if: Canaille.isPresent, "needs Canaille and Chromium: make setup"))
struct `Single sign-on without a browser` {
    private static let policy = """
        groups: {web: external, staff: external}
        grants:
          - {name: run-it, who: [boss], to: [authority], as: [admin]}
          - {name: web, who: [group:web], to: [label:env=staging], as: [deploy], scope: day, for: 8h, with: [oidc]}
          - {name: both, who: [alice], to: [label:env=staging], as: [both], scope: day, for: 8h, with: [oidc], door: true}
          - {name: own, who: [group:staff], to: [label:env=staging], as: [$self], scope: day, for: 8h, door: true}

        """
    private static let rules = """
        create = true
        name_from = { claim = "name" }
        login_from = { claim = "name" }
        groups = [{ claim = "family_name", value = "bob", group = "staff" }]

        """

    /// A server, its front door and a provider; alice has a device and an account, bob an account alone.
    private func house() async throws -> (FrontDoor, Canaille, alice: String) {
        let port = try FreePort.find()
        let provider = try await Canaille(signing: "ES256", site: "https://localhost:\(port)")
        let door = try await FrontDoor(
            configuration: try await provider.configuration(staleness: 1) + Self.rules, housePort: port)
        let house = door.house
        let file = try house.scratch.write(Self.policy, to: "policy.yaml")
        try await done(house, ["policy", "apply", file])
        try await done(house, ["host", "add", "web1", "--label", "env=staging"])
        try await door.person("alice")
        try await done(house, ["person", "link", "alice", "--provider", "corp", "--subject", "alice"])
        return (door, provider, house.scratch.path("home-alice"))
    }

    @discardableResult
    private func done(
        _ house: Installation, _ arguments: [String], home: String? = nil
    ) async throws -> String {
        let ending = try await house.reeve(arguments, home: home)
        guard ending.status == 0 else { throw Failure("\(arguments): \(ending.errors)") }
        return ending.output
    }

    /// Requests that the server has logged, by route.
    private static func requests(_ house: Installation) -> [String: Int] {
        let routes = house.scratch.text("log").matches(of: /"route":"([^"]+)"/).map { String($0.output.1) }
        return Dictionary(routes.map { ($0, 1) }) { $0 + $1 }
    }

    /// A program that shows an address and a code, and waits.
    private struct Terminal {
        let program: SpawnedProgram
        let scratch: Scratch
        let address: String
        let code: String

        init(
            _ path: String, _ arguments: [String], environment: [String: String], _ scratch: Scratch
        ) async throws {
            self.scratch = scratch
            program = try SpawnedProgram(
                path, arguments, environment: environment, output: scratch.path("terminal.out"),
                errors: scratch.path("terminal.err"))
            let program = program
            try await until("the terminal shows a code") {
                scratch.text("terminal.err").firstMatch(of: /[B-Z]{4}-[B-Z]{4}/) != nil || !program.isRunning
            }
            let shown = scratch.text("terminal.err")
            guard let address = shown.firstMatch(of: /https:\/\/\S+/)?.output,
                let code = shown.firstMatch(of: /[B-Z]{4}-[B-Z]{4}/)?.output
            else { throw Failure("the terminal shows: \(shown)") }
            self.address = String(address)
            self.code = String(code)
        }

        var output: String { scratch.text("terminal.out") }
        var errors: String { scratch.text("terminal.err") }
    }

    @Test(.timeLimit(.minutes(20)))
    func `goes on in any browser, by an address and a code (J07, J08)`() async throws {
        let (door, provider, alice) = try await house()
        let house = door.house

        // On a machine with reeve.
        let login = try await Terminal(
            Program.path("reeve"), ["login", "--headless", "--with", "oidc"],
            environment: ["REEVE_HOME": alice, "SSH_AUTH_SOCK": ""], Scratch())
        #expect(login.address.hasPrefix("\(house.url)/sign-in?request="))
        let pages = try await provider.signIn(at: login.address, code: login.code, as: "alice")
        #expect(pages.contains("FIRST Sign in at a terminal"), "\(pages)")
        #expect(pages.contains("127.0.0.1") && pages.contains("reeve on "), "\(pages)")
        #expect(pages.contains("WIDE False") && pages.contains("CONSOLE []"), "\(pages)")
        #expect(pages.contains("LAST Signed in") && pages.contains("AGAIN Not signed in"), "\(pages)")
        #expect(await login.program.ended() == 0, "\(login.errors)")
        #expect(login.output.contains("deploy by grant web"), "\(login.output)")
        // What it costs: at the terminal two requests and one for each three seconds of waiting; in the browser the page,
        // the code and the way back, and here a wrong code and the way back again.
        let asked = Self.requests(house)
        #expect(asked["POST /v1/sign-in"] == 1 && asked["GET /sign-in"] == 1)
        #expect(asked["POST /sign-in"] == 2 && asked["GET /sign-in/callback/{provider}"] == 2, "\(asked)")
        #expect(asked["POST /v1/sign-in/answer", default: 0] <= 2 + 300 / 3, "\(asked)")
        #expect(try await done(house, ["whoami"], home: alice).contains("oidc"))

        // With stock ssh, by a person who was never here: made by rule, with a login and a group by rule.
        let ssh = try await Terminal(
            "/usr/bin/ssh",
            [
                "-F", "none", "-p", "\(door.port)", "-o", "UserKnownHostsFile=\(try door.knownHosts())",
                "-o", "GlobalKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=yes",
                "bob/oidc@127.0.0.1", "hosts",
            ], environment: ["SSH_AUTH_SOCK": ""], Scratch())
        let others = try await provider.signIn(at: ssh.address, code: ssh.code, as: "bob")
        #expect(others.contains("ssh (the front door)") && others.contains("LAST Signed in"), "\(others)")
        #expect(await ssh.program.ended() == 0, "\(ssh.errors)")
        #expect(ssh.output.contains("bob@web1"), "\(ssh.output) \(ssh.errors)")
        #expect(try await done(house, ["person", "list"]).contains("bob"))

        // At the door by password and code, for a grant that wants the provider's word too.
        let scripted = try ScriptedAnswers(
            ["correct horse alice staple", "code", "yes"], secret: house.scratch.path("alice.totp"))
        let agent = try await OwnAgent()
        let more = try await Terminal(
            "/usr/bin/ssh",
            [
                "-A", "-F", "none", "-p", "\(door.port)", "-o", "UserKnownHostsFile=\(try door.knownHosts())",
                "-o", "GlobalKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=yes", "alice@127.0.0.1",
            ],
            environment: [
                "SSH_AUTH_SOCK": agent.socket, "SSH_ASKPASS": scripted.program,
                "SSH_ASKPASS_REQUIRE": "force",
            ], Scratch())
        #expect(scripted.asked.last == "Type yes to show oidc now:")
        #expect(try await agent.lines().isEmpty, "nothing before the browser is back")
        let shown = try await provider.signIn(at: more.address, code: more.code, as: "alice")
        #expect(shown.contains("ssh (the front door)") && shown.contains("LAST Signed in"), "\(shown)")
        #expect(await more.program.ended() == 0, "\(more.errors)")
        #expect(more.output.contains("both by grant both"), "\(more.output) \(more.errors)")
        #expect(try await agent.lines().count == 2)

        // The log has neither codes nor what stands in addresses.
        let calls = house.scratch.text("log").split(separator: "\n").filter { $0.contains("sign-in") }
        #expect(!calls.joined().contains(login.code) && !calls.joined().contains("request="))
    }
}
