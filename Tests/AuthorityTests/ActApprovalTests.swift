import Authority
import HostDocuments
import Names
import SSHFormats
import TestKit
import Testing

/// A house in which abel is an admin whose acts one of the leads must agree to.
private struct ActHouse {
    static let policy = """
        groups: {leads: [bob, carol, abel]}
        grants:
          - {name: root, who: [ada], to: [authority], as: [admin]}
          - {name: careful, who: [abel], to: [authority], as: [admin], approve: {by: group:leads}}
        """

    let house: TestHouse

    init() async throws {
        house = try await TestHouse(policy: Self.policy)
        for (name, key) in [("abel", UInt8(1)), ("bob", 2), ("carol", 3)] {
            try await house.add(name)
            let device = try await house.add("device:\(name).laptop", owner: name)
            let registered = RegisteredKey(
                publicKey: try TestHouse.key(key).publicKey, identity: device.id, purpose: .authenticate,
                origin: "enrolment", createdAt: house.clock.now)
            _ = try await house.store.record(Entry([.keyRegistered(registered)], event: nil))
        }
    }

    /// abel adds a person, by a call with this body.
    func add(
        _ name: String, body: String? = nil, by who: String = "abel"
    ) async throws -> Outcome<NewIdentity> {
        let body = body ?? #"{"kind":"person","name":"\#(name)"}"#
        let act = ActInHand("POST /v1/identities", body: Array(body.utf8), reason: "new colleague") {
            [("kind", "person"), ("name", name)]
        }
        return try await ActInHand.$current.withValue(act) {
            try await house.authority.administration.add(
                try IdentityID(name), IdentityAttributes(), by: try await house.requester(who),
                once: .unclaimed)
        }
    }

    func decide(_ number: UInt64, _ name: String, key: UInt8) async throws -> ApprovalState {
        let document = await house.store.approval(number)?.request.document ?? ""
        let statement = ApprovalStatement(
            request: document, decision: .approved, person: name, reason: nil)
        let signature = try SSHSIG.sign(
            Array(statement.text.utf8), namespace: ApprovalStatement.namespace, with: try TestHouse.key(key))
        return try await house.authority.approvals.decide(
            ApprovalSaid(number: number, decision: .approved, reason: nil, signature: signature),
            by: try await house.requester(name), once: .unclaimed
        ).value.state
    }

    func holds(_ name: String) async throws -> Bool {
        await house.store.identity(try IdentityID(name)) != nil
    }
}

@Suite struct `An act on the authority that others must agree to` {
    @Test func `happens once they signed what was sent, together with the use of it, and once`() async throws
    {
        let house = try await ActHouse()
        let found = try #require(await refused { try await house.add("dora") })
        #expect(found.refusal == .approvalRequired && found.request == 1)
        #expect(try await !house.holds("dora"))
        let request = try #require(await house.house.store.approval(1)?.request)
        #expect(request.subject == .act(grant: try Name("careful"), "POST /v1/identities"))
        for line in [
            "act: POST /v1/identities", "who: abel", "role: enroller", "grant: careful",
            "reason: new colleague", "says kind: person", "says name: dora", "needs: 1 of group:leads",
        ] { #expect(request.document.split(separator: "\n").contains(line[...]), "\(line)") }
        #expect(try await house.decide(1, "bob", key: 2) == .approved)
        _ = try await house.add("dora")
        #expect(try await house.holds("dora"))
        #expect(await house.house.store.approval(1)?.request.state == .used)
        let event = try #require(await house.house.store.events.last)
        #expect(event.action == .identityAdded)
        #expect(event.details["approvalRequest"] == .number(1))
        #expect(event.details["approvedBy"] == .list(["bob"]))
        #expect(await asked(house, "dora")?.request == 2, "it is used up")
    }

    private func asked(_ house: ActHouse, _ name: String, body: String? = nil) async -> Refused? {
        await refused { try await house.add(name, body: body) }
    }

    @Test func `Z07 is no other act, and nobody else's`() async throws {
        let house = try await ActHouse()
        #expect(await asked(house, "dora")?.request == 1)
        #expect(await refusal { try await house.decide(1, "abel", key: 1) } == .approverRequired)
        #expect(try await house.decide(1, "carol", key: 3) == .approved)
        #expect(await asked(house, "mallory")?.request == 2)
        #expect(await asked(house, "dora", body: #"{"kind":"person", "name":"dora"}"#)?.request == 3)
        #expect(try await !house.holds("mallory"))
        _ = try await house.add("dora")
        #expect(try await house.holds("dora"))
    }

    @Test func `is refused as before where nobody knows what was sent`() async throws {
        let house = try await ActHouse()
        let abel = try await house.house.requester("abel")
        let found = await refused {
            try await house.house.authority.administration.add(
                try IdentityID("dora"), IdentityAttributes(), by: abel, once: .unclaimed)
        }
        #expect(found?.refusal == .approvalRequired && found?.request == nil)
        #expect(await house.house.store.lastApproval() == 0)
    }

    @Test func `needs no one where another grant needs none, and still a fresh factor`() async throws {
        let house = try await ActHouse()
        _ = try await house.add("dora", by: "ada")
        #expect(await house.house.store.lastApproval() == 0)
        let act = ActInHand("POST /v1/policy", body: [1], reason: nil) { [] }
        let stale = try await house.house.requester("abel", signedIn: 901)
        let found = await ActInHand.$current.withValue(act) {
            await refused {
                try await house.house.authority.policies.apply(
                    ActHouse.policy, base: nil, by: stale, once: .unclaimed)
            }
        }
        #expect(found?.refusal == .factorTooOld)
    }

    @Test func `is not used up by a refusal, and not done by two at once`() async throws {
        let house = try await ActHouse()
        #expect(await asked(house, "dora")?.request == 1)
        #expect(try await house.decide(1, "bob", key: 2) == .approved)
        await house.house.store.fail { entry in
            entry.event?.action == .identityAdded ? .failed(reason: "the disk is gone") : nil
        }
        guard case .store(.failed) = await failure({ try await house.add("dora") }) else {
            return #expect(Bool(false), "it was not kept, and says something else")
        }
        await house.house.store.fail(nil)
        #expect(await house.house.store.approval(1)?.request.state == .approved)
        let done = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<10 { group.addTask { (try? await house.add("dora")) != nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(done == 1)
        let happened = await house.house.store.events.filter {
            $0.action == .identityAdded && $0.refusal == nil
        }
        #expect(happened.count == 1)
    }
}
