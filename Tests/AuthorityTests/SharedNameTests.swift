import Authority
import Names
import SSHFormats
import TestKit
import Testing

/// web1 and web2 share the name www.example.com; both are staging, and web2 alone has tier=one.
@Suite struct `A name that hosts share` {
    private static let policy = """
        grants:
          - {name: admins, who: [ada], to: [authority], as: [admin]}
          - {name: enrol, who: [erin], to: [authority], as: [enroller]}
          - {name: staging, who: [alice], to: ["label:env=staging"], as: [deploy], scope: day, for: 8h}
          - {name: tier, who: [alice], to: ["label:tier=one", "host:web1.example.com", "host:www.example.com"],
             as: [backup], scope: day, for: 8h}
          - {name: shared, who: [bob], to: ["label:name=www.example.com"], as: [root], scope: connection, for: 2m}
        """

    private func house() async throws -> TestHouse {
        let house = try await TestHouse(policy: Self.policy)
        let shared = ["env=staging", "name=www.example.com"]
        _ = try await house.addHost("web1.example.com", agentKey: 20, hostKey: 21, labels: shared)
        _ = try await house.addHost(
            "web2.example.com", agentKey: 22, hostKey: 23, labels: shared + ["tier=one"])
        return house
    }

    private func principals(
        of name: String, as login: String, _ house: TestHouse, to: String = "www.example.com"
    ) async throws -> [String] {
        let wish = try house.wish(to: to, as: login)
        let requester = try await house.requester(name)
        let issued = try await house.authority.issuance.issue(wish, by: requester, once: .unclaimed)
        return issued.value.certificate.principals?.names ?? []
    }

    private func add(
        _ name: String, labels: [String] = [], aliases: [String] = [], by admin: String = "ada",
        _ house: TestHouse
    ) async throws {
        let attributes = IdentityAttributes(
            aliases: try aliases.map { try Name(host: $0) }, labels: Set(try labels.map { try Label($0) }))
        _ = try await house.authority.administration.add(
            try IdentityID("host:\(name)"), attributes, by: try await house.requester(admin), once: .unclaimed
        )
    }

    @Test func `is reached by a label that all of them have`() async throws {
        let house = try await house()
        #expect(try await principals(of: "alice", as: "deploy", house) == ["deploy@env=staging"])
        #expect(try await principals(of: "bob", as: "root", house) == ["root@name=www.example.com"])
        let refused = await refusal { try await principals(of: "alice", as: "backup", house) }
        #expect(refused == .principalNotGranted, "one of them has the label, another the name")

        try await add("web3.example.com", labels: ["env=prod", "name=www.example.com"], house)
        #expect(
            await refusal { try await principals(of: "alice", as: "deploy", house) } == .principalNotGranted)
        #expect(try await principals(of: "bob", as: "root", house) == ["root@name=www.example.com"])
        _ = try await house.authority.administration.setStatus(
            try IdentityID("host:web3.example.com"), .suspended, reason: "",
            by: try await house.requester("ada"), once: .unclaimed)
        #expect(try await principals(of: "alice", as: "deploy", house) == ["deploy@env=staging"])
    }

    @Test func `leaves each of them its own name`() async throws {
        let house = try await house()
        let own = try await principals(of: "bob", as: "root", house, to: "web1.example.com")
        #expect(own == ["root@web1.example.com"])
    }

    @Test func `stands in the certificate of each`() async throws {
        let house = try await TestHouse(policy: Self.policy)
        let shared = ["env=staging", "name=www.example.com"]
        for (name, key) in [("web1.example.com", 21), ("web2.example.com", 23)] as [(String, UInt8)] {
            let host = try await house.addHost(name, agentKey: key - 1, hostKey: key, labels: shared)
            let issued = try await house.authority.issuance.issueHost(
                [try TestHouse.key(key).publicKey], by: host, once: .unclaimed)
            let names = issued.value.first?.certificate.principals?.names
            #expect(names == [name, "www.example.com"])
        }
    }

    @Test func `is listed and explained like a host's`() async throws {
        let house = try await house()
        let alice = try await house.requester("alice")
        let reached = try await house.authority.access.reach(of: alice)
        let lines = reached.map { host in
            "\(host.host.id.name): " + host.logins.map(\.reach.login.text).joined(separator: " ")
        }
        #expect(
            lines == [
                "web1.example.com: deploy backup", "web2.example.com: deploy backup",
                "www.example.com: deploy",
            ])
        let explained = try await house.authority.access.explain(
            who: nil, to: "www.example.com", as: try Login("deploy"), by: alice)
        #expect(explained.decision.isAllowed)
        let given = await refusal {
            try await house.authority.policyQuestions.holders(
                of: "www.example.com", as: nil, by: try await house.requester("ada"))
        }
        #expect(given == .badRequest)
    }

    @Test func `N03 is given by admins alone, and is no other host's`() async throws {
        let house = try await house()
        let shared = ["name=www.example.com"]
        #expect(
            await refusal { try await add("evil.example.com", labels: shared, by: "erin", house) }
                == .adminRequired)
        for (name, labels, aliases) in [
            ("www.example.com", [], []), ("evil.example.com", [], ["www.example.com"]),
            ("evil.example.com", ["name=web1.example.com"], []),
        ] as [(String, [String], [String])] {
            let given = await refusal { try await add(name, labels: labels, aliases: aliases, house) }
            #expect(given == .alreadyExists, "\(name) \(labels) \(aliases)")
        }
        let numeric = await refusal { try await add("evil.example.com", labels: ["name=10.0.0.1"], house) }
        #expect(numeric == .badName)
        try await add("web3.example.com", labels: shared, house)
        #expect(await house.store.hosts(knownAs: "www.example.com").count == 3)
    }
}
