import Foundation
import Posix
import Testing

@Suite(.servers, .timeLimit(.minutes(20))) struct `Provisioning by SCIM` {
    /// Where `make setup` puts the tester, if there is a network.
    private static let tester = "\(Canaille.root)/.build/python-scim/bin/scim2"

    private static let policy = """
        groups: {web: external}
        grants:
          - {name: run-it, who: [boss, chief], to: [authority], as: [admin]}
          - {name: web, who: [group:web], to: [label:env=staging], as: [daemon], scope: day, for: 8h}

        """

    private func house(_ engine: Engine = .sqlite) async throws -> Installation {
        let house = try await Installation(database: try await engine.database())
        try await house.enrolAdmin()
        let file = try house.scratch.write(Self.policy, to: "policy.yaml")
        let applied = try await house.reeve("policy", "apply", file)
        guard applied.status == 0 else { throw Failure("policy: \(applied.errors)") }
        return house
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: tester), "needs scim2-cli: make setup"))
    func `passes the conformance tester of others, all of it`() async throws {
        let house = try await house()
        let client = try await SCIMClient(house, as: "corp")
        let ending = try await Program.run(
            Self.tester, ["--url", "\(house.url)/scim/v2", "test", "--verbose"],
            environment: [
                "SCIM_CLI_HEADERS": "Authorization: Bearer \(client.token)",
                "SSL_CERT_FILE": "\(house.data)/tls-root.pem",
            ])
        #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
        #expect(!ending.output.contains("ERROR") && !ending.output.contains("SKIPPED"), "\(ending.output)")
        #expect(ending.output.components(separatedBy: "SUCCESS").count > 40)
        #expect(!house.scratch.text("log").contains(client.token))
    }

    @Test(.enabled(if: ProcessHardening.isRoot), arguments: Engine.allCases)
    func `brings a joiner in, and ends a leaver's session and certificates, on hosts too`(
        _ engine: Engine
    ) async throws {
        let house = try await house(engine)
        let client = try await SCIMClient(house, as: "corp")
        let host = try await EnrolledHost(
            house, name: "web1.example.com", labels: ["env=staging"], login: "daemon")
        let dana = try await client.addUser(
            "Dana@example.com", #","externalId":"d-1","emails":[{"value":"dana@example.com","primary":true}]"#
        )
        #expect(dana.status == 201, "\(dana.text)")
        let link = try await house.reeve("link", "dana", "--link-only")
        #expect(link.status == 0, "\(link.errors)")
        let home = house.scratch.path("dana")
        try await house.enrol("dana", link: try house.scratch.write(link.output, to: "dana.link"), home: home)

        // A mover: the group of the provider counts as soon as she is in it, and no longer than that.
        let key = house.scratch.path("key")
        _ = try await Program.run("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key])
        let cert = ["cert", "--to", "web1.example.com", "--as", "daemon", "-k", "\(key).pub", "-o", "-"]
        #expect(try await house.reeve(cert, home: home).errors.contains("no-grant"))
        let group = try await client.addGroup("Web")
        #expect(group.status == 201, "\(group.text)")
        let joined = try await client.patch(
            "/Groups/\(group.id)", #"{"op":"Add","path":"members","value":[{"value":"\#(dana.id)"}]}"#)
        #expect(joined.status == 200, "\(joined.text)")
        let issued = try await house.reeve(cert, home: home)
        #expect(issued.status == 0, "\(issued.errors)")
        let certificate = try house.scratch.write(issued.output, to: "key-cert.pub")
        #expect(try await !isRevoked(certificate, on: host))

        // Entra's way of saying it.
        let left = try await client.patch(
            "/Users/\(dana.id)", #"{"op":"Replace","path":"active","value":"False"}"#)
        #expect(left.status == 200 && left["active"] as? Bool == false, "\(left.text)")
        try await until("the host has the KRL") { try await self.isRevoked(certificate, on: host) }
        let refused = try await house.reeve("whoami", home: home)
        #expect(refused.status == 4, "\(refused.output)\(refused.errors)")

        let back = try await client.patch("/Users/\(dana.id)", #"{"op":"replace","value":{"active":true}}"#)
        #expect(back.status == 200 && back["active"] as? Bool == true, "\(back.text)")
        #expect(try await client.send("DELETE", "/Users/\(dana.id)").status == 204)
        #expect(try await client.send("GET", "/Users/\(dana.id)").status == 404)
        let list = try await house.reeve("person", "list")
        #expect(list.output.contains("dana") && list.output.contains("retired"), "\(list.output)")
        // Whoever comes next by that name is another person.
        let next = try await client.addUser("dana@example.com")
        #expect(next.status == 201, "\(next.text)")
        let own = "urn:keyreeve:params:scim:schemas:extension:1.0:User"
        let shown = try await client.send("GET", "/Users/\(next.id)?attributes=\(own):identity")
        #expect(shown.text.contains(#"{"identity":"dana.2"}"#), "\(shown.text)")

        let export = house.scratch.path("export")
        #expect(try await house.reeve("audit", "export", export).status == 0)
        #expect(try await house.reeve("audit", "verify", export).status == 0)
        let events = try await house.reeve("audit", "list", "--limit", "500").output
        for action in [
            "identity.added", "group.added", "group.changed", "identity.suspended", "identity.resumed",
            "identity.retired", "provisioner.token-made",
        ] { #expect(events.contains(action), "\(action)") }
        #expect(!events.contains(client.token) && !house.scratch.text("log").contains(client.token))
    }

    /// Whether the host's sshd would say so.
    private func isRevoked(_ certificate: String, on host: EnrolledHost) async throws -> Bool {
        let krl = "\(host.folder)/agent/ssh/current/revoked.krl"
        return try await Program.run("/usr/bin/ssh-keygen", ["-Q", "-f", krl, certificate])
            .output.contains("REVOKED")
    }

    @Test(.enabled(if: Canaille.isPresent, "needs Canaille and Chromium: make setup"))
    func `links the account of single sign-on by the external id, and lets go of it`() async throws {
        let provider = try await Canaille(signing: "ES256")
        let house = try await Installation(configuration: try await provider.configuration(staleness: 900))
        try await house.enrolAdmin()
        let client = try await SCIMClient(house, as: "hr", further: ["--provider", "corp"])
        let alice = try await client.addUser("alice@example.com", #","externalId":"alice""#)
        #expect(alice.status == 201, "\(alice.text)")
        let link = try await house.reeve("link", "alice", "--link-only")
        let home = house.scratch.path("alice")
        try await house.enrol(
            "alice", link: try house.scratch.write(link.output, to: "alice.link"), home: home)
        let login = ["login", "--with", "oidc:corp"]
        let browser = try provider.browser(of: "alice")
        let signedIn = try await house.reeve(login, home: home, environment: browser)
        #expect(signedIn.status == 0, "\(signedIn.errors)")
        #expect(try await house.reeve("whoami", home: home).output.contains("oidc"))

        let moved = try await client.patch(
            "/Users/\(alice.id)", #"{"op":"replace","path":"externalId","value":"another"}"#)
        #expect(moved.status == 200, "\(moved.text)")
        #expect(try await house.reeve("whoami", home: home).status == 4)
        let gone = try await house.reeve(login, home: home, environment: browser)
        #expect(gone.status != 0 && gone.errors.contains("sign-in-failed"), "\(gone.errors)")
    }

    @Test func `touches nobody whom it did not make or was given, and no admin by a name`() async throws {
        let house = try await house()
        let (corp, other) = (
            try await SCIMClient(house, as: "corp"), try await SCIMClient(house, as: "other")
        )
        #expect(try await house.reeve("person", "add", "carol", "--link-only").status == 0)

        // Those of the house, those of another provider, and those whom the policy trusts.
        for name in ["boss", "BOSS@example.com", "carol"] {
            let taken = try await corp.addUser(name)
            #expect(taken.status == 409 && taken.kind == "uniqueness", "\(name): \(taken.text)")
        }
        #expect(try await corp.addUser("chief@example.com").status == 403)
        let erin = try await other.addUser("erin@example.com")
        #expect(erin.status == 201, "\(erin.text)")
        for method in ["GET", "DELETE"] {
            #expect(try await corp.send(method, "/Users/\(erin.id)").status == 404)
        }
        #expect(
            try await corp.patch("/Users/\(erin.id)", #"{"op":"replace","path":"active","value":false}"#)
                .status
                == 404)
        let group = try await corp.addGroup("ops", [erin.id])
        #expect(group.status == 400 && group.kind == "invalidValue", "\(group.text)")
        #expect(try await corp.send("GET", "/Users").resources.isEmpty)

        // Given by an admin; the last admin stays.
        let gave = try await house.reeve("scim", "give", "corp", "carol", "--user-name", "Carol@example.com")
        #expect(gave.status == 0, "\(gave.errors)")
        let found = try await corp.send(
            "GET", "/Users?filter=userName%20eq%20%22carol%40example.com%22"
        ).resources
        let id = try #require(found.first?["id"] as? String)
        let off = #"{"op":"replace","path":"active","value":false}"#
        #expect(try await corp.patch("/Users/\(id)", off).status == 200)
        #expect(try await house.reeve("scim", "take", "corp", "carol").status == 0)
        #expect(try await corp.send("GET", "/Users/\(id)").status == 404)
        #expect(try await house.reeve("scim", "give", "corp", "boss", "--user-name", "boss").status == 0)
        let boss = try #require(
            try await corp.send("GET", "/Users?filter=userName+eq+%22boss%22").resources.first?["id"]
                as? String)
        let last = try await corp.patch("/Users/\(boss)", off)
        #expect(last.status == 409 && last.text.contains("only active admin"), "\(last.text)")
        #expect(try await corp.send("DELETE", "/Users/\(boss)").status == 409)

        // Whom the helpdesk suspended, the helpdesk resumes.
        let fay = try await corp.addUser("fay@example.com")
        #expect(try await house.reeve("person", "suspend", "fay").status == 0)
        #expect(try await corp.send("GET", "/Users/\(fay.id)")["active"] as? Bool == false)
        let on = #"{"op":"replace","path":"active","value":true}"#
        let still = try await corp.patch("/Users/\(fay.id)", on)
        #expect(still.status == 200 && still["active"] as? Bool == false, "\(still.text)")
        #expect(try await corp.patch("/Users/\(fay.id)", off).status == 200)
        #expect(try await corp.patch("/Users/\(fay.id)", on).status == 403)

        // A token that was revoked opens nothing.
        #expect(try await house.reeve("scim", "revoke", "corp").status == 0)
        let gone = try await corp.send("GET", "/Users")
        #expect(gone.status == 401 && gone.head.lowercased().contains("www-authenticate: bearer"))
        #expect(try await house.reeve("scim", "list").output.contains("revoked"))
        #expect(try await other.send("GET", "/Users/\(erin.id)").status == 200)
    }
}
