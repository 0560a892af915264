import AuthorityAPI
import Foundation
import Testing

@Suite(.servers, .enabled(if: Canaille.isPresent, "needs Canaille and Chromium: make setup"))
struct `Single sign-on` {
    private static let policy = """
        groups: {web: external}
        grants:
          - {name: run-it, who: [boss], to: [authority], as: [admin]}
          - {name: own, who: [alice], to: [label:env=staging], as: [ops], scope: day, for: 8h}
          - {name: web, who: [group:web], to: [label:env=staging], as: [deploy], scope: day, for: 8h, with: [oidc]}
          - {name: careful, who: [group:web], to: [label:env=staging], as: [daemon],
             with: [{factor: oidc, maxAge: 15m}]}

        """

    /// A server whose provider is asked at most once a second; alice has a device, and her account is linked.
    private func house(_ provider: Canaille) async throws -> (Installation, alice: String) {
        let house = try await Installation(configuration: try await provider.configuration(staleness: 1))
        try await house.enrolAdmin()
        let file = try house.scratch.write(Self.policy, to: "policy.yaml")
        try await done(house, ["policy", "apply", file])
        try await done(house, ["host", "add", "web1", "--label", "env=staging"])
        let added = try await done(house, ["person", "add", "alice", "--link-only"])
        let link = try house.scratch.write(added, to: "alice.link")
        let home = house.scratch.path("alice")
        try await house.enrol("alice", link: link, home: home)
        try await done(house, ["person", "link", "alice", "--provider", "corp", "--subject", "alice"])
        return (house, home)
    }

    @discardableResult
    private func done(
        _ house: Installation, _ arguments: [String], home: String? = nil, as person: [String: String] = [:]
    ) async throws -> String {
        let ending = try await house.reeve(arguments, home: home, environment: person)
        guard ending.status == 0 else { throw Failure("\(arguments): \(ending.errors)") }
        return ending.output
    }

    @Test(arguments: ["RS256", "ES256", "EdDSA"])
    func `at a provider that is not ours gives certificates, until the provider refuses (J10, J11)`(
        _ algorithm: String
    ) async throws {
        let provider = try await Canaille(signing: algorithm)
        let (house, alice) = try await house(provider)
        let login = ["login", "--with", "oidc:corp"]

        let signedIn = try await done(house, login, home: alice, as: try provider.browser(of: "alice"))
        #expect(signedIn.contains("certificate") && signedIn.contains("deploy by grant web"))
        try await until("the browser shows the last page") {
            let page = FileManager.default.contents(atPath: provider.page(of: "alice")) ?? Data()
            return String(decoding: page, as: UTF8.self).contains("Signed in")
        }
        #expect(try await done(house, ["whoami"], home: alice).contains("oidc"))

        // Another person of the provider is not alice, whatever else they have in common.
        let bob = try await house.reeve(login, home: alice, environment: try provider.browser(of: "bob"))
        #expect(bob.status != 0 && bob.errors.contains("sign-in-failed"), "\(bob.errors)")

        // Once more by what the provider gave out, which it replaces each time.
        try await done(house, ["login", "--if-needed"], home: alice)
        try await provider.post("leave/alice/web")
        try await until("the group is left") {
            try await !done(house, ["login", "--if-needed"], home: alice).contains("deploy by grant web")
        }

        try await provider.post("remove/alice")
        try await until("the provider's refusal counts") {
            try await house.reeve(["login", "--if-needed"], home: alice).errors.contains("upstream-refused")
        }
        let gone = try await house.reeve(["whoami"], home: alice)
        #expect(gone.status == 4, "\(gone.errors)")
    }

    /// The sign-in is made older in the database, while the server is not there to remember it.
    @Test func `goes on in the session that runs, where a grant wants the provider's word younger`()
        async throws
    {
        let provider = try await Canaille(signing: "RS256")
        let (house, alice) = try await house(provider)
        let browser = try provider.browser(of: "alice")
        try await done(
            house, ["login", "--with", "oidc:corp", "--no-certificates"], home: alice, as: browser)
        let before = try await session(house, alice)
        try await age(before.sessionID, house)

        let key = house.scratch.path("key")
        _ = try await Program.run("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key])
        let cert = ["cert", "--to", "web1", "--as", "daemon", "-k", "\(key).pub", "-o", "-"]
        let alone = try await Program.run(
            "/usr/bin/setsid", ["--wait", Program.path("reeve")] + cert,
            environment: ["REEVE_HOME": alice, "SSH_AUTH_SOCK": ""])
        #expect(alone.status != 0 && alone.errors.contains("factor-too-old"), "\(alone)")
        let answers = try house.scratch.write("", to: "nothing.answers")
        let person = browser.merging(["REEVE_ANSWERS_FILE": answers]) { $1 }
        let issued = try await house.reeve(cert, home: alice, environment: person)
        #expect(issued.status == 0 && issued.errors.contains("asked again: oidc"), "\(issued)")
        #expect(issued.output.contains("ssh-ed25519-cert-v01@openssh.com"), "\(issued)")
        let after = try await session(house, alice)
        #expect(after.sessionID == before.sessionID && after.notAfter == before.notAfter)
        #expect(after.factors["oidc"] ?? 0 >= before.factors["oidc"] ?? .max)

        // Another's word is not hers, and leaves the session as it was.
        try await age(before.sessionID, house)
        let other = try provider.browser(of: "bob").merging(["REEVE_ANSWERS_FILE": answers]) { $1 }
        let refused = try await house.reeve(cert, home: alice, environment: other)
        #expect(refused.status != 0 && refused.errors.contains("sign-in-failed"), "\(refused)")
        #expect(try await session(house, alice).factors["oidc"] == 1_700_000_000)
    }

    private func age(_ session: String, _ house: Installation) async throws {
        try await house.stopServer()
        let aged = try await Program.run(
            "/usr/bin/python3",
            [
                "-c",
                """
                import sqlite3, sys
                with sqlite3.connect(sys.argv[1]) as records:
                    records.execute("UPDATE session SET factors = 'oidc=1700000000' WHERE id = ?", sys.argv[2:])
                records.close()
                """, "\(house.data)/keyreeve.db", session,
            ])
        #expect(aged.status == 0, "\(aged.errors)")
        try await house.start()
    }

    private func session(_ house: Installation, _ home: String) async throws -> WhoAmI {
        let text = try await done(house, ["whoami", "--json"], home: home)
        return try JSONDecoder().decode(WhoAmI.self, from: Data(text.utf8))
    }
}
