import Authority
import Names
import SSHFormats
import TestKit
import Testing

/// Rights that a directory or provider gives, by a group, count as much as those that the policy names.
@Suite struct `Somebody whom a provider made an admin` {
    private static let policy = """
        groups: {ops: external, leads: external}
        grants:
          - {name: admins, who: [ada], to: [authority], as: [admin]}
          - {name: ops, who: [group:ops], to: [authority], as: [admin]}
          - {name: enrol, who: [erin], to: [authority], as: [enroller]}
          - {name: help, who: [hal], to: [authority], as: [helpdesk]}
          - {name: named, who: [zoe], to: [authority], as: [auditor]}
          - {name: prod, who: [alice], to: ["host:db1.example.com"], as: [root], scope: day, for: 1h,
             approve: {by: group:leads}}
        """

    /// dana, who never signed in here.
    private func house() async throws -> TestHouse {
        let house = try await TestHouse(policy: Self.policy)
        try await house.add("dana")
        try await put("dana", in: ["ops"], house)
        return house
    }

    private func put(_ name: String, in groups: [String], _ house: TestHouse) async throws {
        let groups = Set(try groups.map { try Name($0) })
        _ = try await house.store.record(
            Entry([.groupsSet(try IdentityID(name), source: "oidc:corp", groups)], event: nil))
    }

    @Test func `gets a link by an admin alone`() async throws {
        let house = try await house()
        let dana = try IdentityID("dana")
        let erin = try await house.requester("erin")
        #expect(
            await refusal { try await house.authority.links.make(for: dana, by: erin, once: .unclaimed) }
                == .adminRequired)
        let ada = try await house.requester("ada")
        #expect(
            try await house.authority.links.make(for: dana, by: ada, once: .unclaimed).value.identity.id
                == dana)
    }

    @Test func `has devices that the helpdesk lets alone`() async throws {
        let house = try await house()
        let laptop = try await house.add("device:dana.laptop", owner: "dana")
        let hal = try await house.requester("hal")
        #expect(
            await refusal {
                try await house.authority.deviceDesk.act(
                    .suspend, on: laptop.id, reason: "", by: hal, once: .unclaimed)
            } == .adminRequired)
    }

    @Test func `is nobody whom a provider made by a name that the policy trusts`() async throws {
        let house = try await house()
        let arrivals = UpstreamArrivals(house.store, world: house.clock.world, sealing: house.sealing)
        for (name, isMade) in [("zoe", false), ("yann", true)] {
            let account = UpstreamSubject(issuer: PlayedUpstream.issuer, subject: "of-\(name)")
            let about = ConversationFacts(
                id: "c", name: "", person: nil, key: try TestHouse.key(1).publicKey.fingerprint,
                source: "192.0.2.7", startedAt: house.clock.now)
            let turn = try await arrivals.turn(
                UpstreamArrival(account: account, token: nil, groups: nil, name: try Name(name)),
                factor: "oidc:corp", about)
            if case .proven(let person, _) = turn {
                #expect(isMade && person.name.text == name)
            } else {
                #expect(!isMade)
            }
            #expect((await house.store.identity(try IdentityID(name)) != nil) == isMade)
            #expect((await house.store.upstreamLink(account) != nil) == isMade)
        }
    }

    @Test func `agrees to nothing any more once they left the group`() async throws {
        let all = try await ApprovalHouse(policy: Self.policy)
        try await put("bob", in: ["leads"], all.house)
        let number = try await all.number()
        #expect(try await all.decide(number, "bob", key: 2).state == .approved)
        try await put("bob", in: [], all.house)
        #expect(await refusal { try await all.ask() } == .approvalRequired)
        try await put("bob", in: ["leads"], all.house)
        #expect(try await all.ask().value.grant?.text == "prod")
    }
}
