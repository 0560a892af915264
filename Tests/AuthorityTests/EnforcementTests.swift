import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `What hosts acknowledge` {
    @Test func `counts, and leaves no trace in the ledger`() async throws {
        let (house, web1) = try await TestHouse.withHost()
        let before = await house.story
        let newest = try await says(house, web1, version: house.store.hostStateVersion())
        #expect(newest == (await house.store.hostStateVersion()))
        #expect(await house.story == before)
        let ada = try await house.requester("ada")
        let (state, found) = try await house.authority.hosts.enforcement(of: nil, for: ada)
        #expect(state.version == newest && found == Enforcement(hosts: 1, enforcing: 1))
    }

    @Test func `is refused where that state was never given`() async throws {
        let (house, web1) = try await TestHouse.withHost()
        let version = await house.store.hostStateVersion()
        #expect(await refusal { try await says(house, web1, version: version + 1) } == .stateChange)
        #expect(await refusal { try await says(house, web1, epoch: 2, version: 0) } == .stateChange)
        #expect(await house.store.hosts(HostQuery()).allSatisfy { $0.acknowledged == nil })
    }

    @Test func `is for hosts alone`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let ada = try await house.requester("ada")
        #expect(await refusal { try await says(house, ada, version: 0) } == .notSignedIn)
    }

    @Test func `of a revocation counts from the version on that it is told`() async throws {
        let (house, web1) = try await TestHouse.withHost()
        let before = await house.store.hostStateVersion()
        let hal = try await house.requester("hal")
        let revoked = try await house.authority.revocations.revoke(
            .key(Fingerprint(of: [1])), reason: "", by: hal, once: .unclaimed)
        _ = try await says(house, web1, version: before)
        let found = { try await house.authority.hosts.enforcement(of: revoked.value, for: hal).found }
        #expect(try await found() == Enforcement(hosts: 1, enforcing: 0))
        _ = try await says(house, web1, version: revoked.value)
        #expect(try await found().isWhole)
    }

    @Test func `by name is for whoever has a role, and reading it is written down`() async throws {
        let (house, web1) = try await TestHouse.withHost()
        _ = try await says(house, web1, version: 0)
        let (ada, bob) = (try await house.requester("ada"), try await house.requester("bob"))
        let list = { (who: Requester) in
            try await house.authority.hosts.list(missing: nil, after: nil, limit: 500, by: who)
        }
        #expect(try await list(ada).map(\.id) == [web1.identity.id])
        #expect(await house.story.last == "read")
        #expect(await refusal { try await list(bob) } == .adminRequired)
        #expect(try await house.authority.hosts.enforcement(of: 0, for: bob).found.isWhole)
    }

    @Test func `of sessions that it ended stands in the ledger`() async throws {
        let (house, web1) = try await TestHouse.withHost()
        let ended = EndedSession(
            login: try Login("deploy"), source: "192.0.2.7", serial: 7, key: Fingerprint(of: [1]))
        _ = try await house.authority.hosts.acknowledge(
            HostStateNumber(epoch: 1, version: 0), issuedAt: 1, isEnforced: true, faults: [], ended: [ended],
            by: web1)
        let event = try #require(await house.store.events.last)
        #expect(event.action == .sessionsEndedOnHost && event.subject == web1.identity.id.description)
        let text = "deploy from 192.0.2.7, certificate 7, key \(Fingerprint(of: [1]))"
        #expect(event.details["sessions"] == .list([text]))
        let ada = try await house.requester("ada")
        #expect(try await house.authority.hosts.enforcement(of: 0, for: ada).found.endedSessions == 1)
    }

    @Test func `is asked for the end of sessions where a revocation says so, by a list within the list`()
        async throws
    {
        let (house, web1) = try await TestHouse.withHost()
        let hal = try await house.requester("hal")
        let (plain, ending) = (Fingerprint(of: [1]), Fingerprint(of: [2]))
        _ = try await house.authority.revocations.revoke(.key(plain), reason: "", by: hal, once: .unclaimed)
        #expect(try await house.authority.hosts.state(for: web1).sessions == [])
        _ = try await house.authority.revocations.revoke(
            .key(ending), reason: "", endsSessions: true, by: hal, once: .unclaimed)
        let state = try await house.authority.hosts.state(for: web1)
        #expect(try KRL(bytes: state.sessions).fingerprints == [ending])
        #expect(try KRL(bytes: state.userKRL).fingerprints == [plain, ending])
        #expect(await house.store.events.last?.details["sessions"] == .text("ended"))
    }

    private func says(
        _ house: TestHouse, _ who: Requester, epoch: UInt64 = 1, version: UInt64
    ) async throws -> UInt64 {
        try await house.authority.hosts.acknowledge(
            HostStateNumber(epoch: epoch, version: version), issuedAt: 1, isEnforced: true, faults: [],
            by: who)
    }
}
