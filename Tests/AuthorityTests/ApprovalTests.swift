import Authority
import HostDocuments
import Names
import SSHFormats
import TestKit
import Testing

/// A house in which root on db1 needs two of the leads.
struct ApprovalHouse {
    let house: TestHouse
    static let policy = """
        groups: {leads: [bob, carol, alice]}
        grants:
          - {name: admins, who: [ada], to: [authority], as: [admin]}
          - {name: audit, who: [audrey], to: [authority], as: [auditor]}
          - {name: prod, who: [alice, mallory], to: ["host:db1.example.com"], as: [root], scope: day, for: 1h,
             approve: {by: group:leads, count: 2}}
        """

    init(policy: String = Self.policy) async throws {
        house = try await TestHouse(policy: policy)
        _ = try await house.addHost("db1.example.com", agentKey: 20, hostKey: 21)
        for (name, key) in [("alice", UInt8(1)), ("bob", 2), ("carol", 3), ("mallory", 4), ("audrey", 5)] {
            try await house.add(name)
            let device = try await house.add("device:\(name).laptop", owner: name)
            let registered = RegisteredKey(
                publicKey: try TestHouse.key(key).publicKey, identity: device.id, purpose: .authenticate,
                origin: "enrolment", createdAt: house.clock.now)
            _ = try await house.store.record(Entry([.keyRegistered(registered)], event: nil))
        }
    }

    func wish(
        _ key: UInt8 = 90, lifetime: UInt64? = nil, reason: String? = "disk is full"
    ) throws -> IssuanceRequest {
        IssuanceRequest(
            publicKey: try TestHouse.key(key).publicKey, to: "db1.example.com", login: try Login("root"),
            scope: nil, lifetime: lifetime, grant: nil, reason: reason)
    }

    func ask(
        _ name: String = "alice", _ wish: IssuanceRequest? = nil
    ) async throws -> Outcome<IssuedCertificate> {
        try await house.authority.issuance.issue(
            try wish ?? self.wish(), by: try await house.requester(name), once: .unclaimed)
    }

    /// The number of the request that the refusal names.
    func number(_ name: String = "alice", _ wish: IssuanceRequest? = nil) async throws -> UInt64 {
        let refused = try #require(await refused { try await ask(name, wish) })
        #expect(refused.refusal == .approvalRequired)
        return try #require(refused.request)
    }

    @discardableResult
    func decide(
        _ number: UInt64, _ name: String, key: UInt8, _ decision: ApprovalStatement.Decision = .approved,
        over document: String? = nil, namespace: String = ApprovalStatement.namespace, reason: String? = nil
    ) async throws -> ApprovalShown {
        let kept = await house.store.approval(number)?.request.document ?? ""
        let statement = ApprovalStatement(
            request: document ?? kept, decision: decision, person: name, reason: reason)
        let signature = try SSHSIG.sign(
            Array(statement.text.utf8), namespace: namespace, with: try TestHouse.key(key))
        return try await house.authority.approvals.decide(
            ApprovalSaid(number: number, decision: decision, reason: reason, signature: signature),
            by: try await house.requester(name), once: .unclaimed
        ).value
    }

    func apply(_ policy: String) async throws {
        let version = PolicyVersion(version: 2, text: policy, appliedBy: nil, appliedAt: house.clock.now)
        _ = try await house.store.record(Entry([.policyApplied(version)], event: nil))
    }
}

@Suite struct `A grant that needs approvals` {
    @Test func `gives one certificate once enough people signed the request`() async throws {
        let house = try await ApprovalHouse()
        let number = try await house.number()
        #expect(number == 1)
        #expect(try await house.decide(number, "bob", key: 2).state == .open)
        #expect(await refusal { try await house.ask() } == .approvalRequired)
        #expect(try await house.decide(number, "carol", key: 3).state == .approved)
        let issued = try await house.ask().value
        #expect(issued.certificate.principals?.names == ["root@db1.example.com"])
        #expect(await house.house.store.approval(number)?.request.state == .used)
        #expect(try await house.number() == 2, "it is used up")
        let event = try #require(await house.house.store.events.first { $0.action == .certificateIssued })
        #expect(event.details["approvalRequest"] == .number(1))
        #expect(event.details["approvedBy"] == .list(["bob", "carol"]))
        #expect(
            await house.house.story == [
                "request.made", "certificate.refused:approval-required", "request.approved",
                "certificate.refused:approval-required", "request.approved", "certificate.issued",
                "request.made", "certificate.refused:approval-required",
            ])
    }

    @Test func `is told to the requester, and says everything that is signed`() async throws {
        let house = try await ApprovalHouse()
        let number = try await house.number("alice", try house.wish(reason: "run\u{1b}[2J\u{202e}\\ now"))
        let document = try #require(await house.house.store.approval(number)?.request.document)
        for line in [
            "who: alice", "device: none", "to: host:db1.example.com", "as: root", "grant: prod",
            #"reason: run\u{1b}[2J\u{202e}\\ now"#, "valid for: 1h, from its issue",
            "principals: root@db1.example.com", "permits: permit-pty",
            "key: ssh-ed25519 \(try TestHouse.key(90).publicKey.fingerprint)", "asked from: 192.0.2.1",
            "needs: 2 of group:leads", "policy: version 1", "request: 1", "authority: authority.example.com",
        ] { #expect(document.split(separator: "\n").contains(line[...]), "\(line) in \(document)") }
        #expect(ApprovalLines.isPlain(document))
        try await house.decide(number, "bob", key: 2)
        let notices = try await house.house.authority.notices.about(try IdentityID("alice"))
        #expect(notices.map(\.kind) == [.requestApproved])
    }

    @Test func `Z07 is not approved by the requester, from no session and device`() async throws {
        let house = try await ApprovalHouse()
        let number = try await house.number()
        #expect(await refusal { try await house.decide(number, "alice", key: 1) } == .approverRequired)
        try await house.decide(number, "bob", key: 2)
        // Another's name with one's own key, and one's own name with another's.
        #expect(await refusal { try await house.decide(number, "carol", key: 1) } == .signatureInvalid)
        #expect(await refusal { try await house.decide(number, "carol", key: 2) } == .signatureInvalid)
        #expect(await refusal { try await house.decide(number, "carol", key: 20) } == .signatureInvalid)
        #expect(await refusal { try await house.decide(number, "bob", key: 2) } == .alreadyExists)
        #expect(await house.house.store.approval(number)?.votes.count == 1)
    }

    @Test func `Z07 counts no signature over anything else`() async throws {
        let house = try await ApprovalHouse()
        let number = try await house.number()
        let other = try await house.number("alice", try house.wish(91))
        let document = try #require(await house.house.store.approval(other)?.request.document)
        #expect(
            await refusal { try await house.decide(number, "bob", key: 2, over: document) }
                == .signatureInvalid)
        #expect(
            await refusal { try await house.decide(number, "bob", key: 2, namespace: "file") }
                == .signatureInvalid)
        // What was signed as a denial is no approval.
        let kept = try #require(await house.house.store.approval(number)?.request.document)
        let denial = ApprovalStatement(request: kept, decision: .denied, person: "bob", reason: nil)
        let signature = try SSHSIG.sign(
            Array(denial.text.utf8), namespace: ApprovalStatement.namespace, with: try TestHouse.key(2))
        let said = ApprovalSaid(number: number, decision: .approved, reason: nil, signature: signature)
        let bob = try await house.house.requester("bob")
        #expect(
            await refusal {
                try await house.house.authority.approvals.decide(said, by: bob, once: .unclaimed)
            } == .signatureInvalid)
    }

    @Test func `Z07 gives nothing once the policy or the request was edited`() async throws {
        let house = try await ApprovalHouse()
        let number = try await house.number()
        try await house.decide(number, "bob", key: 2)
        try await house.decide(number, "carol", key: 3)
        #expect(try await house.number("alice", try house.wish(lifetime: 60)) == 2, "another wish")
        try await house.apply(ApprovalHouse.policy.replacing("for: 1h", with: "for: 8h"))
        #expect(await refusal { try await house.decide(2, "bob", key: 2) } == .requestClosed)
        #expect(try await house.decide(2, "bob", key: 2, .denied).state == .denied, "no is always heard")
        #expect(try await house.number() == 3)
        #expect(await house.house.store.approval(number)?.request.state == .expired)
        #expect(await house.house.store.issued.isEmpty)
    }

    @Test func `ends with one no, also one that comes late, and with the requester's own`() async throws {
        let house = try await ApprovalHouse()
        let number = try await house.number()
        try await house.decide(number, "bob", key: 2)
        try await house.decide(number, "carol", key: 3)
        #expect(try await house.decide(number, "bob", key: 2, .denied, reason: "no").state == .denied)
        #expect(await refusal { try await house.decide(number, "carol", key: 3, .denied) } == .requestClosed)
        let next = try await house.number()
        #expect(next == 2)
        #expect(try await house.decide(next, "alice", key: 1, .denied).state == .denied)
        let kinds = try await house.house.authority.notices.about(try IdentityID("alice")).map(\.kind)
        #expect(Set(kinds) == [.requestApproved, .requestDenied])
    }

    @Test func `waits no longer than it may, approved or not`() async throws {
        let house = try await ApprovalHouse()
        let number = try await house.number()
        try await house.decide(number, "bob", key: 2)
        try await house.decide(number, "carol", key: 3)
        house.house.clock.step(3_600)
        #expect(await refusal { try await house.decide(number, "carol", key: 3, .denied) } == .requestClosed)
        #expect(try await house.number() == 2)
        #expect(try await house.house.authority.approvals.sweep() == 1)
        #expect(try await house.house.authority.approvals.sweep() == 0)
        #expect(await house.house.store.approval(number)?.request.state == .expired)
        #expect(await house.house.story.last == "request.expired")
    }

    @Test func `counts nobody who has left, and no key that was taken away`() async throws {
        let house = try await ApprovalHouse()
        let number = try await house.number()
        try await house.decide(number, "bob", key: 2)
        try await house.decide(number, "carol", key: 3)
        let key = try TestHouse.key(3).publicKey.fingerprint
        _ = try await house.house.store.record(Entry([.keyChanged(key, .compromised)], event: nil))
        let refused = await refused { try await house.ask() }
        #expect(refused?.refusal == .approvalRequired && refused?.detail.contains("1 of 2") == true)
        #expect(await house.house.store.issued.isEmpty)
    }

    @Test func `shows requests to nobody whom they do not concern`() async throws {
        let house = try await ApprovalHouse()
        let number = try await house.number()
        let desk = house.house.authority.approvals
        for (name, sees) in [("alice", true), ("bob", true), ("mallory", false), ("audrey", false)] {
            let who = try await house.house.requester(name)
            let shown = try await desk.list(.own, withEnded: true, before: nil, limit: 10, by: who)
            #expect(shown.isEmpty != sees, "\(name)")
            #expect(shown.allSatisfy { $0.waitsForYou == (name == "bob") })
        }
        let mallory = try await house.house.requester("mallory")
        #expect(await refusal { try await desk.show(number, by: mallory) } == .notFound)
        #expect(await refusal { try await desk.show(99, by: mallory) } == .notFound)
        let audrey = try await house.house.requester("audrey")
        #expect(
            try await desk.list(.everybody, withEnded: false, before: nil, limit: 10, by: audrey).count == 1)
        #expect(await refusal { try await house.decide(number, "audrey", key: 5) } == .approverRequired)
    }

    @Test func `is asked for no more often at once than is allowed`() async throws {
        let house = try await ApprovalHouse()
        for key in UInt8(100)..<108 { _ = try await house.number("alice", try house.wish(key)) }
        #expect(await refusal { try await house.ask("alice", try house.wish(108)) } == .requestsLimited)
        #expect(try await house.number("alice", try house.wish(100)) == 1, "the same again is no other")
        #expect(try await house.number("mallory") == 9)
    }

    @Test func `is used once, whoever asks at the same time`() async throws {
        let house = try await ApprovalHouse()
        let number = try await house.number()
        try await house.decide(number, "bob", key: 2)
        try await house.decide(number, "carol", key: 3)
        let second = try await house.house.secondNode()
        let alice = try await house.house.requester("alice")
        let wish = try house.wish()
        let given = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<20 {
                let authority = index.isMultiple(of: 2) ? house.house.authority : second.authority
                group.addTask {
                    (try? await authority.issuance.issue(wish, by: alice, once: .unclaimed)) != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(given == 1)
        #expect(await house.house.store.issued.count == 1)
    }
}
