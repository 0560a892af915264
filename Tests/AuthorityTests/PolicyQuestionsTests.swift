import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `Questions about policies` {
    private static let start = """
        groups: {web: [alice, bob], sre: external}
        grants:
          - {name: admins, who: [ada], to: [authority], as: [admin]}
          - {name: audit, who: [audrey], to: [authority], as: [auditor]}
          - {name: staging, who: [group:web], to: [label:env=staging], as: [deploy, $self], for: 8h}
          - {name: night, who: [group:sre], to: [host:web1.example.com], as: [root], with: [totp], for: 1h}
        """

    /// A house with two hosts in staging and everybody whom the policy names.
    private func house() async throws -> TestHouse {
        let house = try await TestHouse(policy: Self.start)
        for name in ["alice", "bob", "ada", "audrey"] { try await house.add(name) }
        for name in ["web1", "web2"] {
            try await house.add(
                "host:\(name).example.com", owner: "ada", labels: ["env=staging"], aliases: [name])
        }
        return house
    }

    private func difference(_ text: String, _ house: TestHouse) async throws -> [String] {
        let audrey = try await house.requester("audrey")
        let difference = try await house.authority.policyQuestions.difference(
            from: nil, to: .text(text), by: audrey)
        return difference.changes.map { change in
            "\(change.right.holder) \(change.kind.rawValue) \(change.right.login)@\(change.right.place)"
        }
    }

    @Test func `find no difference in what is renamed, reordered and regrouped`() async throws {
        let house = try await house()
        let other = """
            groups: {sre: external, half: [bob]}
            grants:
              - {name: nacht, who: [group:sre], to: [host:web1.example.com], as: [root], with: [totp], for: 1h}
              - {name: stage-b, who: [group:half], to: [host:web2.example.com, host:web1.example.com],
                 as: [bob, deploy]}
              - {name: stage-a, who: [alice], to: [label:env=staging], as: [$self, deploy], for: 480m}
              - {name: auditing, who: [audrey], to: [authority], as: [auditor]}
              - {name: boss, who: [ada], to: [authority], as: [admin]}
            """
        #expect(try await difference(other, house) == [])
    }

    @Test func `name who gains and loses what, host by host`() async throws {
        let house = try await house()
        let other = Self.start.replacing("web: [alice, bob]", with: "web: [alice, carol]")
        #expect(
            try await difference(other, house) == [
                "bob loses bob@host:web1.example.com", "bob loses deploy@host:web1.example.com",
                "bob loses bob@host:web2.example.com", "bob loses deploy@host:web2.example.com",
                "carol gains $self@host:web1.example.com", "carol gains deploy@host:web1.example.com",
                "carol gains $self@host:web2.example.com", "carol gains deploy@host:web2.example.com",
            ])
    }

    @Test func `name what changes on other terms, of groups from outside and on the authority`() async throws
    {
        let house = try await house()
        let other = Self.start.replacing("with: [totp]", with: "with: [{factor: totp, maxAge: 15m}]")
            .replacing("who: [audrey]", with: "who: [audrey, bob]")
            .replacing("label:env=staging", with: "label:env=prod")
        let found = try await difference(other, house)
        #expect(found.contains("group:sre changes root@host:web1.example.com"))
        #expect(found.contains("bob gains auditor@authority"))
        #expect(found.contains("alice gains deploy@label:env=prod"), "a label that no host has")
        #expect(found.contains("alice loses deploy@host:web2.example.com"))
    }

    @Test func `refuse a text that is no policy, naming the line`() async throws {
        let house = try await house()
        let refused = await refused { try await difference("grants: [{name: x}]", house) }
        #expect(refused?.refusal == .policyInvalid)
        #expect(refused?.detail.contains("line 1") == true)
    }

    @Test func `show who applied which version, when and why`() async throws {
        let house = try await house()
        let ada = try await house.requester("ada")
        let audrey = try await house.requester("audrey")
        let next = Self.start.replacing("for: 8h", with: "for: 4h")
        house.clock.step(60)
        _ = try await house.authority.policies.apply(
            next, base: 1, reason: "shorter days", by: ada, once: .unclaimed)
        let history = try await house.authority.policyQuestions.history(before: nil, limit: 9, by: audrey)
        #expect(history.map(\.version) == [2, 1])
        #expect(history.first?.appliedBy == ada.identity.id)
        #expect(history.first?.appliedAt == house.clock.now)
        #expect(history.first?.reason == "shorter days")
        let older = try await house.authority.policyQuestions.history(before: 2, limit: 9, by: audrey)
        #expect(older.map(\.version) == [1])
        let first = try await house.authority.policyQuestions.version(1, by: audrey)
        #expect(first.text == Self.start)
        #expect(
            await refusal { try await house.authority.policyQuestions.version(3, by: audrey) } == .notFound)
        #expect(
            await refusal { try await house.authority.policyQuestions.version(.max, by: audrey) } == .notFound
        )
    }

    @Test func `say who may reach a host, by which grant and on what terms`() async throws {
        let house = try await house()
        let audrey = try await house.requester("audrey")
        let found = try await house.authority.policyQuestions.holders(of: "web1", as: nil, by: audrey)
        let lines = found.map {
            "\($0.right.holder) \($0.right.login) \($0.grant): \($0.terms.words.joined(separator: "; "))"
        }
        #expect(
            lines == [
                "alice alice staging: 8h, scope day", "alice deploy staging: 8h, scope day",
                "bob bob staging: 8h, scope day", "bob deploy staging: 8h, scope day",
                "group:sre root night: 1h, scope day; totp",
            ])
        let roots = try await house.authority.policyQuestions.holders(of: "web1", as: "root", by: audrey)
        #expect(roots.map(\.right.holder.description) == ["group:sre"])
        let admins = try await house.authority.policyQuestions.holders(
            of: "authority", as: "admin", by: audrey)
        #expect(admins.map(\.right.holder.description) == ["ada"])
        #expect(
            await refusal {
                try await house.authority.policyQuestions.holders(of: "web9", as: nil, by: audrey)
            }
                == .notFound)
    }

    @Test func `leave out whoever is suspended`() async throws {
        let house = try await house()
        let (ada, audrey) = (try await house.requester("ada"), try await house.requester("audrey"))
        _ = try await house.authority.administration.setStatus(
            try IdentityID("bob"), .suspended, reason: "", by: ada, once: .unclaimed)
        let found = try await house.authority.policyQuestions.holders(of: "web1", as: "deploy", by: audrey)
        #expect(found.map(\.right.holder.description) == ["alice"])
        let bob = try IdentityID("bob")
        #expect(try await house.authority.policyQuestions.rights(of: bob, by: audrey).isEmpty)
    }

    @Test func `say what somebody may reach, to themselves and to auditors`() async throws {
        let house = try await house()
        let (alice, audrey) = (try await house.requester("alice"), try await house.requester("audrey"))
        let own = try await house.authority.policyQuestions.rights(of: nil, by: alice)
        #expect(
            own.map { "\($0.right.login)@\($0.right.place)" } == [
                "alice@host:web1.example.com", "deploy@host:web1.example.com",
                "alice@host:web2.example.com", "deploy@host:web2.example.com",
            ])
        let asked = try await house.authority.policyQuestions.rights(of: alice.identity.id, by: audrey)
        #expect(asked == own)
        let roles = try await house.authority.policyQuestions.rights(of: nil, by: audrey)
        #expect(roles.map { "\($0.right.login)@\($0.right.place)" } == ["auditor@authority"])
    }

    @Test func `L09 are recorded where they are about others, answered or denied`() async throws {
        let house = try await house()
        let (alice, audrey) = (try await house.requester("alice"), try await house.requester("audrey"))
        let questions = house.authority.policyQuestions
        _ = try await questions.rights(of: nil, by: alice)
        #expect(await house.store.events.isEmpty, "one's own are nobody's business")
        _ = try await questions.rights(of: alice.identity.id, by: audrey)
        _ = try await questions.holders(of: "web1", as: nil, by: audrey)
        _ = try await questions.history(before: nil, limit: 1, by: audrey)
        _ = try await questions.version(1, by: audrey)
        _ = try await questions.difference(from: nil, to: .version(1), by: audrey)
        _ = try await house.authority.policies.show(to: audrey)
        let answered = await house.store.events
        #expect(answered.count == 6)
        #expect(answered.allSatisfy { $0.action == .read && $0.actor == audrey.identity.id })
        #expect(answered.allSatisfy { $0.details["grant"] == .text("audit") && !$0.requestID.isEmpty })
        let bob = try IdentityID("bob")
        for denied in [
            await refusal { try await questions.rights(of: bob, by: alice) },
            await refusal { try await questions.holders(of: "web1", as: nil, by: alice) },
            await refusal { try await questions.history(before: nil, limit: 1, by: alice) },
            await refusal { try await questions.version(1, by: alice) },
            await refusal { try await questions.difference(from: nil, to: .version(1), by: alice) },
            await refusal { try await house.authority.policies.show(to: alice) },
        ] {
            #expect(denied == .adminRequired)
        }
        let refused = await house.store.events.dropFirst(6)
        #expect(refused.count == 6)
        #expect(refused.allSatisfy { $0.refusal == .adminRequired && $0.source == "192.0.2.1" })
        #expect(refused.allSatisfy { $0.details["reason"] != nil })
    }
}
