import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `L09 The ledger` {
    /// The one event that the act made; nil and an issue where it made none or more.
    private func event(_ house: TestHouse, _ act: () async -> Refusal?) async -> (Event?, Refusal?) {
        let before = await house.store.events.count
        let answer = await act()
        let events = await house.store.events.dropFirst(before)
        #expect(events.count == 1, "\(events.map(\.action))")
        return (events.first, answer)
    }

    @Test func `has one record of each denied act, with who, whence, which request and why`() async throws {
        let (house, host) = try await TestHouse.withHost()
        let alice = try await house.enrol("alice", key: 1)
        let authority = house.authority
        let (bob, hal, ada) = (
            try await house.requester("bob"), try await house.requester("hal"),
            try await house.requester("ada")
        )
        let nobody = try IdentityID("nobody")
        let acts: [(String, Requester, () async throws -> Void)] = [
            (
                "no grant", bob,
                {
                    _ = try await authority.issuance.issue(
                        try house.wish(as: "root"), by: bob, once: .unclaimed)
                }
            ),
            (
                "foreign key", host,
                {
                    _ = try await authority.issuance.issueHost(
                        [try TestHouse.key(21).publicKey, try TestHouse.key(66).publicKey], by: host,
                        once: .unclaimed)
                }
            ),
            (
                "no role", bob,
                {
                    _ = try await authority.administration.setStatus(
                        nobody, .suspended, reason: "x", by: bob, once: .unclaimed)
                }
            ),
            (
                "nobody", hal,
                {
                    _ = try await authority.administration.setStatus(
                        nobody, .suspended, reason: "x", by: hal, once: .unclaimed)
                }
            ),
            (
                "same state", hal,
                {
                    _ = try await authority.administration.setStatus(
                        try IdentityID("alice"), .active, reason: "x", by: hal, once: .unclaimed)
                }
            ),
            (
                "last admin", ada,
                {
                    _ = try await authority.administration.setStatus(
                        try IdentityID("ada"), .retired, reason: "x", by: ada, once: .unclaimed)
                }
            ),
            (
                "other's certificate", bob,
                {
                    _ = try await authority.revocations.revoke(
                        .serial(.user, 4_711), reason: "x", by: bob, once: .unclaimed)
                }
            ),
            (
                "no certificate", hal,
                {
                    _ = try await authority.revocations.revoke(
                        .serial(.user, 4_711), reason: "x", by: hal, once: .unclaimed)
                }
            ),
            (
                "link", ada,
                {
                    _ = try await authority.links.make(for: nobody, by: ada, once: .unclaimed)
                }
            ),
            (
                "policy", bob,
                {
                    _ = try await authority.policies.apply("grants: []", base: nil, by: bob, once: .unclaimed)
                }
            ),
            (
                "bad policy", ada,
                {
                    _ = try await authority.policies.apply("grants: [", base: nil, by: ada, once: .unclaimed)
                }
            ),
            ("ledger", bob, { _ = try await authority.audit.events(from: 0, limit: 1, by: bob) }),
            (
                "identities", bob,
                {
                    _ = try await authority.administration.list(.person, after: nil, limit: 1, by: bob)
                }
            ),
        ]
        for (name, requester, act) in acts {
            let (event, answer) = await event(house) { await refusal(act) }
            #expect(answer != nil, "\(name)")
            #expect(event?.refusal == answer, "\(name)")
            #expect(event?.actor == requester.identity.id, "\(name)")
            #expect(event?.source == requester.source && event?.requestID == requester.requestID, "\(name)")
            #expect(event?.details["reason"] != nil, "\(name)")
        }
        let (guess, _) = await event(house) {
            await refusal {
                try await house.signIn("alice", password: "wrong", code: "000000", key: alice.key)
            }
        }
        #expect(guess?.action == .signInRefused && guess?.details["reason"] == .text("wrong-password"))
    }

    @Test(arguments: [
        FakeSigner.Behaviour.fails(.unavailable(reason: "gone")),
        .fails(.refused(code: "rate", reason: "too many")), .signsOtherBytes, .signsAs(.hostCA),
    ])
    func `has one record of an issuance that failed, alone or in part`(
        _ behaviour: FakeSigner.Behaviour
    ) async throws {
        let (house, host) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        house.signer.behave(behaviour)
        var before = await house.store.events.count
        #expect(
            await failure {
                try await house.authority.issuance.issue(try house.wish(), by: alice, once: .unclaimed)
            } != nil)
        if case .signsAs = behaviour { return }
        var events = await house.store.events.dropFirst(before)
        #expect(events.map(\.action) == [.certificateRefused])
        #expect(events.map(\.refusal) == [.unavailable] && events.first?.details["reason"] != nil)
        before = await house.store.events.count
        let keys = [try TestHouse.key(21).publicKey]
        #expect(
            await failure {
                try await house.authority.issuance.issueHost(keys, by: host, once: .unclaimed)
            } != nil)
        events = await house.store.events.dropFirst(before)
        #expect(events.map(\.action) == [.certificateRefused])
        #expect(await house.store.issued.isEmpty)
    }

    @Test func `has one record of each look at what is others'`() async throws {
        let house = try await TestHouse()
        _ = try await house.enrol("alice", key: 1)
        let authority = house.authority
        let audrey = try await house.requester("audrey")
        let alice = try IdentityID("alice")
        let looks: [() async throws -> Void] = [
            { _ = try await authority.audit.events(from: 0, limit: 9, by: audrey) },
            { _ = try await authority.administration.list(.person, after: nil, limit: 9, by: audrey) },
            { _ = try await authority.keyDesk.list(.everybody, KeyQuery(), by: audrey) },
            { _ = try await authority.keyDesk.list(.identity(alice), KeyQuery(), by: audrey) },
            { _ = try await authority.deviceDesk.list(of: alice, by: audrey) },
            { _ = try await authority.sessionDesk.list(of: alice, by: audrey) },
            { _ = try await authority.policies.show(to: audrey) },
            {
                _ = try await authority.access.explain(
                    who: alice, to: "web1.example.com", as: try Login("deploy"), by: audrey)
            },
        ]
        for look in looks {
            let (event, _) = await event(house) {
                _ = await refusal(look)
                return nil
            }
            #expect(event?.action == .read && event?.actor == audrey.identity.id)
            #expect(event?.details["grant"] == .text("audit") && event?.subject != nil)
        }
    }
}

@Suite struct `A11 A backend that fails` {
    @Test func `makes no session, whatever it had found by then`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        let before = await house.store.sessions
        house.hashing.fail(.failed(reason: "out of memory"))
        house.clock.step(30)
        #expect(await failure { try await house.signIn(alice) } != nil)
        house.hashing.fail(nil)
        await house.store.fail { entry in
            let starts = entry.facts.contains { if case .sessionStarted = $0 { true } else { false } }
            return starts ? .failed(reason: "half of it was written") : nil
        }
        house.clock.step(30)
        #expect(await failure { try await house.signIn(alice) } != nil)
        await house.store.fail(nil)
        let altered = Fact.factorSet(try IdentityID("alice"), .totp, sealed: [1, 2, 3])
        _ = try await house.store.record(Entry([altered], event: nil))
        house.clock.step(30)
        #expect(await failure { try await house.signIn(alice) } != nil)
        #expect(await house.store.sessions == before)
        #expect(await !house.story.contains("sign-in.done"))
    }
}

@Suite struct `Z04 A value that looks like a pattern or a path` {
    private static let values = [
        "*", "de*", "web*", "a/b", "../x", "a+b", "+", "/", "%u", "$x", "[a-z]", "?",
    ]

    @Test(arguments: values) func `is no login, host, label, group, person or grant of a policy`(
        _ value: String
    ) {
        for (field, text) in [
            ("name", "'\(value)'"), ("who", "['\(value)']"), ("who", "['group:\(value)']"),
            ("to", "['host:\(value)']"), ("to", "['label:env=\(value)']"), ("to", "['label:\(value)=x']"),
            ("as", "['\(value)']"), ("as", "['$self\(value)']"),
        ] {
            #expect(!faults(of: policyText([field: text])).isEmpty, "\(field): \(text)")
        }
        #expect(!faults(of: policyText(groups: "{web: ['\(value)']}")).isEmpty)
    }

    @Test(arguments: values) func `is no host that a certificate is asked for, and nothing is issued`(
        _ value: String
    ) async throws {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        let answer = await refusal {
            try await house.authority.issuance.issue(try house.wish(to: value), by: alice, once: .unclaimed)
        }
        #expect(answer == .hostNotGranted)
        #expect(throws: NameError.self) { try Login(value) }
        #expect(throws: NameError.self) { try IdentityID("device:\(value)") }
        #expect(await house.store.issued.isEmpty)
    }
}
