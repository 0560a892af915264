import Authority
import Names
import SSHFormats
import Testing

@Suite struct `A storage engine keeps accounts at providers` {
    private let account = UpstreamSubject(issuer: "https://id.example.com/é", subject: "1")

    @Test(arguments: Engine.allCases) func `each for one person`(_ engine: Engine) async throws {
        let store = try await engine.open()
        let (alice, bob) = (try Sample.person("alice"), try Sample.person("bob"))
        try await store.keep(.identityAdded(alice), .identityAdded(bob))
        let link = UpstreamLink(account: account, person: alice.id, linkedAt: Sample.noon)
        try await store.keep(.upstreamLinked(link))
        #expect(try await store.upstreamLink(account) == link)
        #expect(try await store.upstreamLinks(of: alice.id) == [link])
        #expect(try await store.upstreamLinks(of: bob.id) == [])
        let others = UpstreamLink(account: account, person: bob.id, linkedAt: Sample.noon)
        await #expect(throws: StoreError.conflict(.exists)) {
            try await store.keep(.upstreamLinked(others))
        }
        try await store.keep(.upstreamUnlinked(account))
        #expect(try await store.upstreamLink(account) == nil)
        await #expect(throws: StoreError.conflict(.missing)) {
            try await store.keep(.upstreamUnlinked(account))
        }
        await #expect(throws: StoreError.conflict(.missing)) {
            try await store.keep(.upstreamStood(account, token: nil, at: Sample.noon))
        }
    }

    @Test(arguments: Engine.allCases) func `and lets one ask at a time`(_ engine: Engine) async throws {
        let store = try await engine.open()
        let alice = try Sample.person("alice")
        let (first, later) = (Sample.noon, Sample.noon.advanced(by: 60))
        try await store.keep(
            .identityAdded(alice),
            .upstreamLinked(UpstreamLink(account: account, person: alice.id, linkedAt: first)))
        try await store.keep(.upstreamAsked(account, since: nil, at: first))
        await #expect(throws: StoreError.conflict(.stepUsed)) {
            try await store.keep(.upstreamAsked(account, since: nil, at: later))
        }
        try await store.keep(.upstreamAsked(account, since: first, at: later))
        try await store.keep(.upstreamAsked(account, since: later, at: nil))
        try await store.keep(.upstreamAsked(account, since: nil, at: later))
        try await store.keep(.upstreamStood(account, token: [1, 2, 3], at: later))
        let link = try #require(try await store.upstreamLink(account))
        #expect(link.token == [1, 2, 3] && link.checkedAt == later && link.askedAt == nil)
    }

    @Test(arguments: Engine.allCases) func `and the groups that each source vouches for`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let alice = try Sample.person("alice")
        let (web, ops) = (try Name("web"), try Name("ops"))
        try await store.keep(.identityAdded(alice), .groupsSet(alice.id, source: "a", [web, ops]))
        try await store.keep(.groupsSet(alice.id, source: "b", [web]))
        #expect(try await store.identity(alice.id)?.groups == [web, ops])
        let standing = try await store.standing()
        try await store.keep(.groupsSet(alice.id, source: "a", [ops, web]))
        #expect(try await store.standing() == standing)
        try await store.keep(.groupsSet(alice.id, source: "a", []))
        #expect(try await store.identity(alice.id)?.groups == [web])
        #expect(try await store.standing() != standing)
        var changed = alice
        changed.status = .suspended
        try await store.keep(.identityChanged(changed))
        #expect(try await store.identity(alice.id)?.groups == [web])
    }
}
