import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `A CA key that is replaced` {
    @Test
    func `C15 signs once every active host has installed it, and goes when its last certificate has ended`()
        async throws
    {
        let (house, host) = try await TestHouse.withHost()
        let second = try await house.addHost("web2.example.com", agentKey: 60, hostKey: 61)
        try await house.acknowledge(host)
        try await house.acknowledge(second)
        let ada = try await house.requester("ada")
        let alice = try await house.requester("alice")
        let old = try house.authority.keys.key(of: .user)
        let before = try await house.authority.issuance.issue(
            try house.wish(key: 90), by: alice, once: .unclaimed
        ).value.certificate

        let made = try await house.authority.caKeys.rotate(
            .user, reason: "every year", by: ada, once: .unclaimed)
        let new = try #require(try house.authority.keys.trusted(.user).last)
        #expect(new.fingerprint == made.value.key && new != old)
        let state = try await house.authority.hosts.state(for: host)
        #expect(state.payload.holds(old.blob) && state.payload.holds(new.blob))
        try await house.acknowledge(host)
        try await house.authority.caKeys.advance()
        #expect(try house.authority.keys.key(of: .user) == old)
        var status = try #require(try await house.authority.caKeys.status(for: ada).first)
        #expect(status.waiting.map(\.holder) == [second.identity.id])
        #expect(status.waiting.first?.words.contains("this comes with state") == true)

        try await house.acknowledge(second)
        try await house.authority.caKeys.advance()
        #expect(try house.authority.keys.key(of: .user) == new)
        #expect(try house.authority.keys.trusted(.user) == [new, old])
        let after = try await house.authority.issuance.issue(
            try house.wish(key: 91), by: alice, once: .unclaimed
        ).value.certificate
        #expect(after.signatureKey == new)
        status = try #require(try await house.authority.caKeys.status(for: ada).first)
        #expect(status.keys.map(\.state) == [.retiring, .signing])
        #expect(status.keys.first?.lastExpiry == before.validBefore)

        house.clock.set(before.validBefore)
        try await house.authority.caKeys.advance()
        #expect(try house.authority.keys.trusted(.user) == [new, old])
        house.clock.set(before.validBefore.advanced(by: 300))
        try await house.authority.caKeys.advance()
        #expect(try house.authority.keys.trusted(.user) == [new])
        let final = try await house.authority.hosts.state(for: host)
        #expect(!final.payload.holds(old.blob))
        status = try #require(
            try await house.authority.caKeys.status(for: try await house.requester("ada")).first)
        #expect(Set(status.stillTrusting.compactMap(\.holder)) == [host.identity.id, second.identity.id])
        #expect(
            await house.story.filter { $0.hasPrefix("ca.") } == ["ca.prepared", "ca.signing", "ca.retired"])
    }

    @Test func `does not wait for a host that was waived by name, or is suspended`() async throws {
        let (house, host) = try await TestHouse.withHost()
        let second = try await house.addHost("web2.example.com", agentKey: 60, hostKey: 61)
        let ada = try await house.requester("ada")
        let new = try await house.authority.caKeys.rotate(
            .user, reason: nil, by: ada, once: .unclaimed
        ).value.key
        _ = try await house.authority.administration.setStatus(
            second.identity.id, .suspended, reason: "", by: ada, once: .unclaimed)
        try await house.authority.caKeys.advance()
        #expect(try house.authority.keys.key(of: .user).fingerprint != new)
        for name in ["web2.example.com", "nowhere.example.com"] {
            let refused = await refusal {
                try await house.authority.caKeys.waive(name, reason: nil, by: ada, once: .unclaimed)
            }
            #expect(refused == .stateChange)
        }
        let erin = try await house.requester("erin")
        let name = host.identity.id.name.text
        #expect(
            await refusal {
                try await house.authority.caKeys.waive(name, reason: nil, by: erin, once: .unclaimed)
            } == .adminRequired)
        _ = try await house.authority.caKeys.waive(name, reason: "cellar", by: ada, once: .unclaimed)
        try await house.authority.caKeys.advance()
        #expect(try house.authority.keys.key(of: .user).fingerprint == new)
        let event = try #require(await house.store.events.last)
        #expect(
            event.action == .caKeySigning && event.details["waived"] == .list([host.identity.id.description]))
    }

    @Test
    func
        `signs by one node's word on all, and a node that has not heard of it releases nothing by the former`()
        async throws
    {
        let (house, _) = try await TestHouse.withHost()
        let other = try await house.secondNode()
        let ada = try await house.requester("ada")
        let alice = try await house.requester("alice")
        let old = try house.authority.keys.key(of: .user)
        let new = try await house.authority.caKeys.rotate(
            .user, reason: nil, by: ada, once: .unclaimed
        ).value.key
        _ = try await house.authority.caKeys.waive(
            "web1.example.com", reason: nil, by: ada, once: .unclaimed)
        try await house.authority.caKeys.advance()
        #expect(try other.authority.keys.key(of: .user) == old)
        let issued = try await other.authority.issuance.issue(
            try house.wish(key: 91), by: alice, once: .unclaimed
        ).value.certificate
        #expect(issued.signatureKey.fingerprint == new)
        #expect(await house.store.issued.allSatisfy { $0.certificate.signatureKey != old })
    }

    @Test func `is one at a time, and for admins`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let ada = try await house.requester("ada")
        _ = try await house.authority.caKeys.rotate(.host, reason: nil, by: ada, once: .unclaimed)
        #expect(
            await refusal {
                try await house.authority.caKeys.rotate(.host, reason: nil, by: ada, once: .unclaimed)
            } == .stateChange)
        #expect(
            await refusal {
                try await house.authority.caKeys.rotate(.plainUser, reason: nil, by: ada, once: .unclaimed)
            } == .badRequest)
        let hal = try await house.requester("hal")
        #expect(
            await refusal {
                try await house.authority.caKeys.rotate(.user, reason: nil, by: hal, once: .unclaimed)
            } == .adminRequired)
    }

    @Test func `that was stolen is distrusted at once, once somebody else agreed`() async throws {
        let (house, host) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        let old = try house.authority.keys.key(of: .user)
        _ = try await house.authority.issuance.issue(try house.wish(key: 90), by: alice, once: .unclaimed)
        // abel could agree, but no grant says so.
        try await house.add("abel")
        #expect(await refusal { try await stolen(house) } == .approvalRequired)
        #expect(try house.authority.keys.key(of: .user) == old)
        let alone = PolicyVersion(
            version: 2,
            text: TestHouse.policy.replacing("admins: [ada, abel]", with: "admins: [ada]"),
            appliedBy: nil, appliedAt: house.clock.now)
        _ = try await house.store.record(Entry([.policyApplied(alone)], event: nil))
        _ = try await stolen(house)
        let new = try house.authority.keys.key(of: .user)
        #expect(new != old)
        #expect(try house.authority.keys.trusted(.user) == [new])
        #expect(house.signer.states(.user) == [.retired, .signing])
        let state = try await house.authority.hosts.state(for: host)
        #expect(!state.payload.holds(old.blob))
        let krl = try KRL(bytes: state.userKRL)
        #expect(await house.store.issued.allSatisfy { krl.revokes($0.certificate) })
        let event = try #require(await house.store.events.last { $0.action == .caKeyRetired })
        #expect(event.details["agreed"] == .text("nobody: there is no other admin"))
        let after = try await house.authority.issuance.issue(
            try house.wish(key: 91), by: alice, once: .unclaimed
        ).value.certificate
        #expect(after.signatureKey == new && !krl.revokes(after))
    }

    private func stolen(_ house: TestHouse) async throws -> Outcome<CAKeyDesk.Change> {
        let act = ActInHand("POST /v1/ca/rotate", body: [1], reason: "theft") { [] }
        return try await ActInHand.$current.withValue(act) {
            try await house.authority.caKeys.replaceStolen(
                .user, nil, reason: "theft", by: try await house.requester("ada"), once: .unclaimed)
        }
    }

    @Test func `goes on where it stood after a restart in each state`() async throws {
        let (first, host) = try await TestHouse.withHost()
        let ada = try await first.requester("ada")
        let new = try await first.authority.caKeys.rotate(
            .user, reason: nil, by: ada, once: .unclaimed
        ).value.key
        var house = try await first.restarted()
        #expect(try house.authority.keys.trusted(.user).map(\.fingerprint).contains(new))
        try await house.acknowledge(host)
        try await house.authority.caKeys.advance()
        house = try await house.restarted()
        #expect(try house.authority.keys.key(of: .user).fingerprint == new)
        house.clock.step(86_400)
        try await house.authority.caKeys.advance()
        house = try await house.restarted()
        #expect(try house.authority.keys.trusted(.user).map(\.fingerprint) == [new])
        #expect(house.signer.states(.user) == [.retired, .signing])
    }
}

extension TestHouse {
    /// The host says that it has the newest state.
    func acknowledge(_ host: Requester) async throws {
        let said = HostAcknowledgement(
            host: host.identity.id,
            state: HostStateNumber(epoch: 1, version: await store.hostStateVersion()),
            issuedAt: clock.now.seconds, isEnforced: true, at: clock.now)
        _ = try await store.record(Entry([.hostAcknowledged(said)], event: nil))
    }
}
