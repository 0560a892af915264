import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `A person who has an account at a provider` {
    private static let account = UpstreamSubject(issuer: PlayedUpstream.issuer, subject: "248289761001")
    private static let stale = PlayedUpstream.staleness

    /// alice, who signed in there just now.
    private func house() async throws -> (TestHouse, Requester) {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        let sealed = try house.sealing.seal(Array("first".utf8), context: Self.account.context)
        let link = UpstreamLink(account: Self.account, person: alice.identity.id, linkedAt: house.clock.now)
        _ = try await house.store.record(
            Entry(
                [.upstreamLinked(link), .upstreamStood(Self.account, token: sealed, at: house.clock.now)],
                event: nil))
        return (house, alice)
    }

    private func issue(_ house: TestHouse, _ alice: Requester) async throws -> IssuedCertificate {
        try await house.authority.issuance.issue(try house.wish(), by: alice, once: .unclaimed).value
    }

    @Test func `is not asked about again before that is due`() async throws {
        let (house, alice) = try await house()
        house.clock.step(Int64(Self.stale) - 1)
        _ = try await issue(house, alice)
        #expect(house.upstream.asked == 0)
    }

    @Test func `is asked about once, and is in the groups that the provider says now`() async throws {
        let (house, alice) = try await house()
        let web = try Name("web")
        house.upstream.behave(.stands(token: Array("second".utf8), groups: [web]))
        house.clock.step(Int64(Self.stale))
        _ = try await issue(house, alice)
        _ = try await issue(house, alice)
        #expect(house.upstream.asked == 1)
        let link = try #require(await house.store.upstreamLink(Self.account))
        #expect(link.checkedAt == house.clock.now && link.askedAt == nil)
        let token = try house.sealing.open(try #require(link.token), context: Self.account.context)
        #expect(token == Array("second".utf8))
        #expect(await house.store.identity(alice.identity.id)?.groups == [web])
    }

    @Test func `is still at the front door after that`() async throws {
        var (house, alice) = try await house()
        alice.isThroughDoor = true
        house.upstream.behave(.stands(token: Array("second".utf8), groups: nil))
        house.clock.step(Int64(Self.stale))
        #expect(await refusal { try await issue(house, alice) } == .doorNotGranted)
        #expect(house.upstream.asked == 1)
    }

    @Test func `gets no certificate and loses all sessions where the provider refuses (J11)`() async throws {
        let (house, alice) = try await house()
        house.upstream.behave(.refuses(reason: "invalid_grant"))
        house.clock.step(Int64(Self.stale))
        #expect(await refusal { try await issue(house, alice) } == .upstreamRefused)
        #expect(await house.store.issued.isEmpty)
        #expect(await house.story == ["session.revoked:upstream-refused"])
        // However else they sign in, they are asked about again.
        #expect(await refusal { try await issue(house, alice) } == .upstreamRefused)
        #expect(house.upstream.asked == 2)
    }

    @Test func `gets no certificate and keeps the session where the provider cannot be asked`() async throws {
        let (house, alice) = try await house()
        house.upstream.behave(.unknown(reason: "down"))
        house.clock.step(Int64(Self.stale))
        #expect(await refusal { try await issue(house, alice) } == .upstreamUnavailable)
        #expect(await house.story == ["denied:upstream-unavailable"])
        house.upstream.behave(.stands(token: Array("second".utf8), groups: nil))
        _ = try await issue(house, alice)
    }

    @Test func `is asked about by one process at a time (J11)`() async throws {
        let (house, alice) = try await house()
        house.upstream.behave(.stands(token: Array("second".utf8), groups: nil))
        house.clock.step(Int64(Self.stale))
        let asked = Fact.upstreamAsked(Self.account, since: nil, at: house.clock.now)
        _ = try await house.store.record(Entry([asked], event: nil))
        #expect(await refusal { try await issue(house, alice) } == .busy)
        #expect(house.upstream.asked == 0)
        // Whoever asked is gone.
        house.clock.step(30)
        _ = try await issue(house, alice)
        #expect(house.upstream.asked == 1)
    }
}

@Suite struct `An account at a provider` {
    private func link(
        _ house: TestHouse, _ person: String, subject: String = "1", provider: String = "corp",
        by admin: Requester
    ) async throws -> UpstreamLink {
        try await house.authority.upstreamDesk.link(
            try IdentityID(person), provider: provider, subject: subject, by: admin, once: .unclaimed
        ).value
    }

    @Test func `is one person's, linked by an admin`() async throws {
        let house = try await TestHouse()
        let ada = try await house.requester("ada")
        try await house.add("alice")
        try await house.add("bob")
        let made = try await link(house, "alice", by: ada)
        #expect(await house.store.upstreamLinks(of: try IdentityID("alice")) == [made])
        #expect(await refusal { try await link(house, "bob", by: ada) } == .alreadyExists)
        #expect(await refusal { try await link(house, "nobody", subject: "2", by: ada) } == .notFound)
        #expect(await refusal { try await link(house, "bob", subject: "", by: ada) } == .badRequest)
        #expect(
            await refusal { try await link(house, "bob", subject: "2", provider: "other", by: ada) }
                == .notFound)
        let hal = try await house.requester("hal")
        #expect(await refusal { try await link(house, "bob", subject: "2", by: hal) } == .adminRequired)
    }

    @Test func `is let go, with the sessions of its person and what the provider vouched for`() async throws {
        let house = try await TestHouse()
        let ada = try await house.requester("ada")
        let alice = try await house.add("alice")
        let made = try await link(house, "alice", by: ada)
        let groups = Fact.groupsSet(alice.id, source: made.account.source, [try Name("web")])
        _ = try await house.store.record(Entry([groups], event: nil))
        _ = try await house.authority.upstreamDesk.unlink(
            alice.id, provider: "corp", subject: "1", by: ada, once: .unclaimed)
        #expect(await house.store.upstreamLink(made.account) == nil)
        #expect(await house.store.identity(alice.id)?.groups == [])
    }
}
