import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `Rights on the authority` {
    private func add(
        _ text: String, _ attributes: IdentityAttributes = IdentityAttributes(), by requester: Requester,
        _ house: TestHouse
    ) async throws -> NewIdentity {
        try await house.authority.administration.add(
            try IdentityID(text), attributes, by: requester, once: .unclaimed
        ).value
    }

    private func set(
        _ text: String, _ status: IdentityStatus, by requester: Requester, _ house: TestHouse
    ) async throws -> Identity {
        try await house.authority.administration.setStatus(
            try IdentityID(text), status, reason: "test", by: requester, once: .unclaimed
        ).value
    }

    private func link(_ text: String, by requester: Requester, _ house: TestHouse) async throws -> NewLink {
        try await house.authority.links.make(for: try IdentityID(text), by: requester, once: .unclaimed).value
    }

    @Test func `let enrollers and admins add, nobody else`() async throws {
        let house = try await TestHouse()
        for (name, wanted) in [
            ("ada", nil), ("erin", nil), ("hal", .adminRequired), ("audrey", .adminRequired),
            ("alice", .adminRequired), ("mallory", .adminRequired),
        ] as [(String, Refusal?)] {
            let requester = try await house.requester(name)
            #expect(await refusal { try await add("person:new-\(name)", by: requester, house) } == wanted)
            #expect(
                await refusal { try await add("host:\(name).example.com", by: requester, house) } == wanted)
        }
        #expect(await house.story.count { $0 == "link.made:admin-required" } == 8)
    }

    @Test func `let an enroller make no link for somebody with more rights`() async throws {
        let house = try await TestHouse()
        let erin = try await house.requester("erin")
        for name in ["ada", "abel", "hal", "audrey"] {
            _ = try await house.requester(name)
            #expect(await refusal { try await link(name, by: erin, house) } == .adminRequired)
        }
        _ = try await house.requester("alice")
        _ = try await link("alice", by: erin, house)
        let token = try await link("erin", by: erin, house)
        #expect(token.identity.id == erin.identity.id)
    }

    @Test func `let an enroller add nobody with more rights`() async throws {
        let house = try await TestHouse()
        let erin = try await house.requester("erin")
        for name in ["ada", "abel", "hal"] {
            #expect(await refusal { try await add(name, by: erin, house) } == .adminRequired)
        }
        #expect(await house.store.identity(try IdentityID("abel")) == nil)
    }

    @Test func `let a person make a link for themselves, a host not`() async throws {
        let (house, host) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        _ = try await link("alice", by: alice, house)
        #expect(await refusal { try await link("host:web1.example.com", by: host, house) } == .adminRequired)
        #expect(await refusal { try await link("bob", by: alice, house) } == .adminRequired)
    }

    @Test func `are asked for before anything is said about names`() async throws {
        let house = try await TestHouse()
        let mallory = try await house.requester("mallory")
        let helper = try await house.requester("hal")
        #expect(await refusal { try await link("nobody", by: mallory, house) } == .adminRequired)
        #expect(await refusal { try await set("nobody", .suspended, by: mallory, house) } == .adminRequired)
        #expect(await refusal { try await set("nobody", .suspended, by: helper, house) } == .notFound)
    }

    @Test func `of admins need a factor younger than 15 minutes`() async throws {
        let house = try await TestHouse()
        try await house.add("alice")
        let stale = try await house.requester("ada", signedIn: 900)
        #expect(await refusal { try await set("alice", .retired, by: stale, house) } == .factorTooOld)
        let fresh = try await house.requester("ada", signedIn: 899)
        #expect(try await set("alice", .retired, by: fresh, house).status == .retired)
    }

    @Test func `let the helpdesk suspend and resume, but nobody above it, and not retire`() async throws {
        let house = try await TestHouse()
        let hal = try await house.requester("hal")
        let ada = try await house.requester("ada")
        for name in ["alice", "abel", "audrey"] { _ = try await house.requester(name) }
        #expect(try await set("alice", .suspended, by: hal, house).status == .suspended)
        #expect(try await set("alice", .active, by: hal, house).status == .active)
        #expect(await refusal { try await set("alice", .retired, by: hal, house) } == .adminRequired)
        for name in ["abel", "audrey"] {
            #expect(await refusal { try await set(name, .suspended, by: hal, house) } == .adminRequired)
            _ = try await set(name, .suspended, by: ada, house)
            #expect(await refusal { try await set(name, .active, by: hal, house) } == .adminRequired)
        }
    }

    @Test func `stay with one active admin at least`() async throws {
        let house = try await TestHouse()
        let ada = try await house.requester("ada")
        #expect(await refusal { try await set("ada", .suspended, by: ada, house) } == .lastAdmin)
        _ = try await house.requester("abel")
        #expect(try await set("abel", .suspended, by: ada, house).status == .suspended)
        #expect(await refusal { try await set("ada", .retired, by: ada, house) } == .lastAdmin)
        let policy =
            "groups: {admins: [abel]}\ngrants:\n  - {name: a, who: [group:admins], to: [authority], as: [admin]}\n"
        #expect(
            await refusal {
                try await house.authority.policies.apply(policy, base: 1, by: ada, once: .unclaimed)
            } == .lastAdmin)
    }

    @Test(arguments: [1, 2]) func `stay with one admin when two suspend each other at once`(
        nodes: Int
    ) async throws {
        for _ in 0..<20 {
            let house = try await TestHouse()
            let other = nodes == 1 ? house : try await house.secondNode()
            let ada = try await house.requester("ada")
            let abel = try await house.requester("abel")
            async let first = refusal { try await set("abel", .suspended, by: ada, house) }
            async let second = refusal { try await set("ada", .suspended, by: abel, other) }
            let answers = await [first, second]
            #expect(answers.filter { $0 == nil }.count == 1)
            #expect(answers.compactMap { $0 } == [.lastAdmin])
        }
    }

    @Test func `let states change only along their table`() async throws {
        let house = try await TestHouse()
        let ada = try await house.requester("ada")
        try await house.add("alice")
        #expect(await refusal { try await set("alice", .active, by: ada, house) } == .stateChange)
        _ = try await set("alice", .retired, by: ada, house)
        for status in IdentityStatus.allCases {
            #expect(await refusal { try await set("alice", status, by: ada, house) } == .stateChange)
        }
    }

    @Test func `show lists to those who have any`() async throws {
        let house = try await TestHouse()
        for (name, wanted) in [("ada", nil), ("audrey", nil), ("alice", .adminRequired)]
            as [(String, Refusal?)]
        {
            let requester = try await house.requester(name)
            #expect(
                await refusal {
                    try await house.authority.administration.list(
                        .person, after: nil, limit: 10, by: requester)
                } == wanted)
        }
    }
}

@Suite struct `An identity that is added` {
    private func add(
        _ text: String, _ attributes: IdentityAttributes, by name: String = "ada", _ house: TestHouse
    ) async throws -> NewIdentity {
        try await house.authority.administration.add(
            try IdentityID(text), attributes, by: try await house.requester(name), once: .unclaimed
        ).value
    }

    @Test func `comes with its link, both or neither`() async throws {
        let house = try await TestHouse()
        let new = try await add("carol", IdentityAttributes(login: try Login("carol")), house)
        let hash = new.link.token.withExposed { TokenHash.of($0) }
        #expect(await house.store.link(tokenHash: hash)?.identity == new.identity.id)
        #expect(new.identity.attributes.loginBy == .admin)
        #expect(new.link.notAfter == house.clock.now.advanced(by: 900))
        #expect(await refusal { try await add("carol", IdentityAttributes(), house) } == .alreadyExists)
        #expect(await house.story == ["identity.added", "identity.added:already-exists"])
    }

    @Test func `has no root login, and only a host has names and labels`() async throws {
        let house = try await TestHouse()
        #expect(
            await refusal { try await add("carol", IdentityAttributes(login: try Login("root")), house) }
                == .badName)
        let labels = IdentityAttributes(labels: [try Label("env=prod")])
        #expect(await refusal { try await add("carol", labels, house) } == .badRequest)
        for address in ["10.0.0.0/8", "web1", "", "1.2.3.4,::1", "::1%lo", "1.2.3.4\n", "256.1.1.1"] {
            let given = await refusal {
                try await add("host:h.example.com", IdentityAttributes(addresses: [address]), house)
            }
            #expect(given == .badName, "\(address)")
        }
        let many = IdentityAttributes(addresses: (0..<65).map { "10.0.0.\($0)" })
        #expect(await refusal { try await add("host:h.example.com", many, house) } == .badRequest)
        for kind in ["device:x.y", "service:robot"] {
            #expect(await refusal { try await add(kind, IdentityAttributes(), house) } == .badRequest)
        }
    }

    @Test func `gets logins and addresses from admins alone`() async throws {
        let house = try await TestHouse()
        let login = IdentityAttributes(login: try Login("alice"))
        let addresses = IdentityAttributes(addresses: ["192.0.2.1"])
        #expect(await refusal { try await add("carol", login, by: "erin", house) } == .adminRequired)
        #expect(
            await refusal { try await add("host:h.example.com", addresses, by: "erin", house) }
                == .adminRequired)
        _ = try await add("carol", login, house)
        _ = try await add("host:h.example.com", addresses, house)
    }

    @Test func `N03 takes no name, alias or address of another host`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let stolen = [
            ("host:evil.example.com", IdentityAttributes(aliases: [try Name(host: "web1.example.com")])),
            ("host:evil.example.com", IdentityAttributes(aliases: [try Name(host: "web1")])),
            ("host:evil.example.com", IdentityAttributes(addresses: ["192.0.2.80"])),
            ("host:web1", IdentityAttributes()),
        ]
        for (text, attributes) in stolen {
            #expect(await refusal { try await add(text, attributes, house) } == .alreadyExists)
        }
        #expect(
            await house.store.hosts(knownAs: "web1").map(\.id) == [try IdentityID("host:web1.example.com")])
    }

    @Test func `N03 takes none of two hosts' common alias when both come at once`() async throws {
        let attributes = IdentityAttributes(aliases: [try Name(host: "db")])
        for _ in 0..<20 {
            let house = try await TestHouse()
            _ = try await house.requester("ada")
            async let first = refusal { try await add("host:db1.example.com", attributes, house) }
            async let second = refusal { try await add("host:db2.example.com", attributes, house) }
            let answers = await [first, second]
            #expect(answers.contains(nil))
            #expect(answers.contains(.alreadyExists))
        }
    }

    @Test(arguments: [
        "Root", " root", "ADMIN", "ada\u{0}", "ada\r\n", "a\u{301}da", "\u{212A}im", "ada,", "%u", "$(x)", "",
    ])
    func `Z05 is never one by a name that looks like another's`(_ text: String) async throws {
        #expect(throws: NameError.self) { try Name(text) }
        #expect(throws: NameError.self) { try IdentityID(text) }
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        #expect(
            await refused {
                try await house.signIn(
                    text, password: alice.password, code: alice.code(at: house.clock.now), key: alice.key)
            } == Refused(.signInFailed))
    }
}
