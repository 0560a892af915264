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
}
