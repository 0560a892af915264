import Authority
import Names
import SSHFormats
import Testing

@Suite struct `A storage engine keeps what provisioners push` {
    private let corp = Provisioner(id: IdentityID(.service, .corp), issuer: "https://id.example.com")

    private func token(_ number: UInt8, at time: UnixTime = Sample.noon) throws -> ProvisionerToken {
        ProvisionerToken(
            id: "token-\(number)", provisioner: corp.id, tokenHash: Sample.hash(number),
            madeBy: try Sample.person().id, madeAt: time, notAfter: time.advanced(by: 60))
    }

    /// alice owns service:corp.
    private func opened(_ engine: Engine) async throws -> any Storage {
        let store = try await engine.open()
        let alice = try Sample.person()
        try await store.keep(
            .identityAdded(alice),
            .identityAdded(Identity(id: corp.id, owner: alice.id, createdAt: Sample.noon)),
            .provisioned(.added(corp)))
        return store
    }

    private func person(_ name: String, id: String) throws -> ProvisionedPerson {
        var profile = PersonProfile()
        profile.familyName = "Ray \u{e9}"
        profile.emails = [
            PersonProfile.Email(value: "\(name)@example.com", type: "work", isPrimary: true),
            PersonProfile.Email(value: nil, type: "home", isPrimary: nil),
        ]
        return ProvisionedPerson(
            id: id, provisioner: corp.id, identity: try Sample.person(name, login: name),
            draft: PersonDraft(userName: name.uppercased(), externalId: "x-\(name)", profile: profile),
            createdAt: Sample.noon, changedAt: Sample.noon)
    }

    @Test(arguments: Engine.allCases) func `with the tokens that each has`(_ engine: Engine) async throws {
        let store = try await opened(engine)
        await #expect(throws: StoreError.conflict(.exists)) {
            try await store.keep(.provisioned(.added(corp)))
        }
        let (first, second) = (try token(1), try token(2, at: Sample.noon.advanced(by: 1)))
        try await store.keep(.provisioned(.tokenMade(first)), .provisioned(.tokenMade(second)))
        #expect(try await store.provisioners().map(\.tokens) == [[second, first]])
        #expect(try await store.provisioners().first?.provisioner == corp)
        let found = try #require(try await store.provisioner(tokenHash: first.tokenHash))
        #expect(found.provisioner == corp && found.tokens == [first] && found.identity.id == corp.id)
        #expect(try await store.provisioner(tokenHash: Sample.hash(9)) == nil)
        let end = Sample.noon.advanced(by: 5)
        try await store.keep(.provisioned(.tokensEnded(of: corp.id, id: "token-1", at: end)))
        #expect(try await store.provisioner(tokenHash: first.tokenHash)?.tokens.first?.endedAt == end)
        #expect(try await store.provisioner(tokenHash: second.tokenHash)?.tokens.first?.endedAt == nil)
        await #expect(throws: StoreError.conflict(.missing)) {
            try await store.keep(.provisioned(.tokensEnded(of: corp.id, id: "token-1", at: end)))
        }
        try await store.keep(.provisioned(.tokensEnded(of: corp.id, id: nil, at: end)))
        #expect(try await store.provisioner(tokenHash: second.tokenHash)?.tokens.first?.endedAt == end)
    }

    @Test(arguments: Engine.allCases) func `persons by every name that they have`(
        _ engine: Engine
    ) async throws {
        let store = try await opened(engine)
        let (bob, carol) = (try person("bob", id: "b"), try person("carol", id: "c"))
        try await store.keep(
            .identityAdded(bob.identity), .provisioned(.personKept(bob)), .identityAdded(carol.identity),
            .provisioned(.personKept(carol)))
        func found(_ key: ProvisionedQuery.Key, limit: Int = 10) async throws -> [ProvisionedPerson] {
            try await store.persons(ProvisionedQuery(corp.id, key, limit: limit))
        }
        #expect(try await found(.after(nil)) == [bob, carol])
        #expect(try await found(.after(nil), limit: 1) == [bob])
        #expect(try await found(.after("b")) == [carol])
        #expect(try await found(.id("c")) == [carol])
        #expect(try await found(.name("bob")) == [bob])
        #expect(try await found(.externalId("x-carol")) == [carol])
        #expect(try await store.provisioned(bob.identity.id) == bob)
        let other = ProvisionedQuery(IdentityID(.service, .web), .after(nil))
        #expect(try await store.persons(other) == [])
        #expect(try await store.holders(of: try Login("bob")) == [bob.identity.id])

        var changed = bob
        changed.draft = PersonDraft(userName: "Robert", isActive: nil)
        changed.version = 2
        changed.changedAt = Sample.noon.advanced(by: 9)
        changed.identity.status = .retired
        let standing = try await store.standing()
        try await store.keep(.identityChanged(changed.identity), .provisioned(.personKept(changed)))
        #expect(try await store.standing() != standing)
        #expect(try await found(.id("b")) == [changed])
        #expect(try await store.holders(of: try Login("bob")) == [bob.identity.id])

        var taken = carol
        taken.draft.userName = "ROBERT"
        await #expect(throws: StoreError.conflict(.exists)) {
            try await store.keep(.provisioned(.personKept(taken)))
        }
        let twice = ProvisionedPerson(
            id: "d", provisioner: corp.id, identity: carol.identity, draft: PersonDraft(userName: "other"),
            createdAt: Sample.noon, changedAt: Sample.noon)
        await #expect(throws: StoreError.conflict(.exists)) {
            try await store.keep(.provisioned(.personKept(twice)))
        }
        try await store.keep(.provisioned(.personLeft(id: "c")))
        #expect(try await found(.after(nil)).map(\.id) == ["b"])
        await #expect(throws: StoreError.conflict(.missing)) {
            try await store.keep(.provisioned(.personLeft(id: "c")))
        }
    }

    @Test(arguments: Engine.allCases) func `groups with their members`(_ engine: Engine) async throws {
        let store = try await opened(engine)
        let (bob, carol) = (try person("bob", id: "b"), try person("carol", id: "c"))
        try await store.keep(
            .identityAdded(bob.identity), .provisioned(.personKept(bob)), .identityAdded(carol.identity),
            .provisioned(.personKept(carol)))
        var web = ProvisionedGroup(
            id: "g", provisioner: corp.id, name: .web,
            draft: GroupDraft(displayName: "Web", externalId: "w", members: ["b", "c"]),
            createdAt: Sample.noon,
            changedAt: Sample.noon)
        try await store.keep(.provisioned(.groupKept(web)))
        func found(_ key: ProvisionedQuery.Key) async throws -> [ProvisionedGroup] {
            try await store.groups(ProvisionedQuery(corp.id, key))
        }
        for key in [ProvisionedQuery.Key.after(nil), .id("g"), .name("web"), .externalId("w"), .member("b")] {
            #expect(try await found(key) == [web])
        }
        let membership = ProvisionedPerson.Membership(id: "g", displayName: "Web")
        #expect(
            try await store.persons(ProvisionedQuery(corp.id, .after(nil))).map(\.groups) == [
                [membership], [membership],
            ])
        #expect(try await store.persons(ProvisionedQuery(corp.id, .member("g"))).map(\.id) == ["b", "c"])

        var same = web
        same = ProvisionedGroup(
            id: "h", provisioner: corp.id, name: .web, draft: web.draft, createdAt: Sample.noon,
            changedAt: Sample.noon)
        await #expect(throws: StoreError.conflict(.exists)) {
            try await store.keep(.provisioned(.groupKept(same)))
        }
        web.draft.members = ["c", "nobody"]
        await #expect(throws: StoreError.conflict(.missing)) {
            try await store.keep(.provisioned(.groupKept(web)))
        }
        web.draft.members = ["c"]
        web.version = 2
        try await store.keep(.provisioned(.groupKept(web)))
        #expect(try await found(.id("g")) == [web])
        try await store.keep(.provisioned(.personLeft(id: "c")))
        #expect(try await found(.id("g")).first?.draft.members == [])
        try await store.keep(.provisioned(.groupLeft(id: "g")))
        #expect(try await found(.after(nil)) == [])
        await #expect(throws: StoreError.conflict(.missing)) {
            try await store.keep(.provisioned(.groupLeft(id: "g")))
        }
    }
}

extension Name {
    fileprivate static var corp: Name { named("corp") }
    fileprivate static var web: Name { named("web") }

    private static func named(_ text: String) -> Name {
        do { return try Name(text) } catch { preconditionFailure("\(text) is a name: \(error)") }
    }
}
