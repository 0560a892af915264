import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `A recovery code` {
    @Test func `is one of ten that enrolment makes, each of 80 bits`() async throws {
        let house = try await RecoveryHouse()
        #expect(house.codes.count == 10 && Set(house.codes).count == 10)
        for code in house.codes {
            #expect(code.utf8.count == 19 && code.split(separator: "-").allSatisfy { $0.utf8.count == 4 })
        }
        let kept = await house.house.store.everything
        for code in house.codes {
            let plain = Array(code.replacing("-", with: "").utf8)
            #expect(!kept.contains { Self.holds($0, plain) || Self.holds($0, Array(code.utf8)) })
        }
    }

    private static func holds(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        guard bytes.count >= part.count else { return false }
        return (0...(bytes.count - part.count)).contains { bytes[$0..<($0 + part.count)].elementsEqual(part) }
    }

    @Test
    func `lets in with a new key and a new authenticator, on the same laptop, and ends the former ones`()
        async throws
    {
        let house = try await RecoveryHouse()
        let (state, ask) = try await house.show(house.codes[3].uppercased().replacing("-", with: " "))
        #expect(ask.map(\.name) == ["device", "lost", "keep", "new-totp"])
        #expect(await house.house.store.events.last?.action == .recoveryAsked)
        #expect(
            await house.house.store.recoveryCodes(of: try IdentityID("alice")).count == 10, "not yet taken")
        _ = try await house.asks("alice")
        let new = try await house.setUp(state, ask, device: "laptop")
        #expect(new.session.device == (try IdentityID("device:alice.laptop")) && new.recoveryCodes.isEmpty)
        #expect(!new.session.isLimited && new.session.factors.keys.contains(.totp))
        let former = house.alice.key.publicKey.fingerprint
        #expect(await house.house.store.key(former)?.state == .compromised)
        #expect(await house.house.store.standing(of: former).isRevoked)
        #expect(await refusal { try await house.asks("alice") } == .notSignedIn)
        #expect(await refusal { try await house.house.signIn(house.alice) } == .signInFailed)
        let event = try #require(await house.house.store.events.last { $0.action == .recovered })
        #expect(event.details["by"] == .text("code") && event.details["recoveryCodesLeft"] == .number(9))
        #expect(event.details["replaced"] == .text("device:alice.laptop"))
        #expect(try await house.house.authority.recoveryCodes.left(of: new.session.identity) == 9)
        let notices = try await house.house.authority.notices.about(new.session.identity)
        #expect(Set(notices.map(\.kind)) == [.recoveryCodeUsed, .recovered])
        house.house.clock.step(60)
        try await house.house.signIn(
            "alice", password: TestHouse.password,
            code: TOTP.code(
                secret: RecoveryHouse.secret(in: ask), step: house.house.clock.now.seconds / 30),
            key: house.key)
        #expect(await house.house.store.presentFailures == 0)
    }

    @Test func `is no way around the new key, in whatever way it is shown`() async throws {
        let house = try await RecoveryHouse()
        let bob = try #require(house.people["bob"]).key
        for key in [house.alice.key, bob] {
            #expect(await refusal { try await house.show(house.codes[0], key: key) } == .keyTaken)
        }
        let (state, ask) = try await house.show(house.codes[0])
        // The key that a conversation began with is the one that is registered.
        #expect(
            await refusal { try await house.setUp(state, ask, key: house.alice.key) } == .conversationOver)
        for answers in [
            ["password": TestHouse.password, "totp": house.alice.code(at: house.house.clock.now)], [:],
        ] {
            #expect(await refusal { try await house.answer(state, answers) } == .badRequest)
        }
        let alice = try await house.asks("alice")
        #expect(
            await refusal { try await house.house.authority.stepUp.start(["recovery"], by: alice) }
                == .badRequest)
        #expect(await house.house.store.recoveryCodes(of: alice.identity.id).count == 10)
    }

    @Test func `may be shown again after an interruption, and counts once`() async throws {
        let house = try await RecoveryHouse()
        let code = house.codes[0]
        #expect(await refusal { try await house.show(code, password: "wrong password") } == .signInFailed)
        let (first, asked) = try await house.show(code)
        let (state, ask) = try await house.show(code)
        #expect(await refusal { try await house.answer(state, ["device": "laptop"]) } == .badRequest)
        let new = try await house.setUp(state, ask, device: "laptop")
        #expect(await refusal { try await house.setUp(first, asked, device: "other") } != nil)
        let other = try TestHouse.key(78)
        #expect(await refusal { try await house.show(code, key: other) } == .signInFailed)
        _ = try await house.requester(new)
        // What came of it is found again by its key, which is no new one any more.
        #expect(await refusal { try await house.show(house.codes[1]) } == .keyTaken)
    }

    @Test func `A10 used 50 times in parallel lets in once only`() async throws {
        let house = try await RecoveryHouse()
        let code = house.codes[0]
        let sessions = await withTaskGroup(of: NewSession?.self) { group in
            for number in UInt8(100)..<150 {
                group.addTask {
                    try? await house.comeBack(
                        code, device: "d\(number)", key: try TestHouse.key(number),
                        source: "198.51.100.\(number)")
                }
            }
            return await group.reduce(into: [NewSession]()) { all, one in if let one { all.append(one) } }
        }
        #expect(sessions.count == 1)
        #expect(await house.house.store.recoveryCodes(of: try IdentityID("alice")).count == 9)
    }

    @Test func `is guessed at no more often than other factors, and its person is told`() async throws {
        let house = try await RecoveryHouse()
        for _ in 0..<7 { _ = await refused { try await house.show("aaaa-bbbb-cccc-dddd") } }
        let reasons = await house.house.store.events.compactMap { event -> String? in
            guard case .text(let reason) = event.details["reason"] else { return nil }
            return reason
        }
        #expect(reasons.count { $0 == "wrong-recovery-code" } == 5)
        #expect(reasons.count { $0 == "locked" } == 2)
        #expect(await refusal { try await house.show(house.codes[0]) } == .signInFailed)
        let id = try IdentityID("alice")
        #expect(try await house.house.authority.notices.about(id).map(\.kind) == [.attemptsLocked])
        try await house.house.signIn(house.alice)
    }

    @Test func `is counted as long as nothing comes of it, though it is right`() async throws {
        let house = try await RecoveryHouse()
        for _ in 0..<5 { _ = try await house.show(house.codes[0]) }
        #expect(await refusal { try await house.show(house.codes[0]) } == .signInFailed)
        house.house.clock.step(120)
        try await house.comeBack(house.codes[0])
    }

    @Test func `is void once there are new ones`() async throws {
        let house = try await RecoveryHouse()
        let (state, ask) = try await house.show(house.codes[1])
        let requester = try await house.asks("alice")
        let new = try await house.house.authority.recoveryCodes.renew(by: requester, once: .unclaimed)
        let codes = new.value.map { $0.withExposed { $0 } }
        #expect(codes.count == 10 && Set(codes).isDisjoint(with: house.codes))
        #expect(await refusal { try await house.show(house.codes[0]) } == .signInFailed)
        #expect(await refusal { try await house.setUp(state, ask) } == .signInFailed)
        try await house.comeBack(codes[0])
    }

    @Test func `makes no new ones without a fresh second factor`() async throws {
        let house = try await TestHouse()
        _ = try await house.enrol("alice", key: 1)
        let stale = try await house.requester("alice", signedIn: 900)
        let answer = await refused {
            try await house.authority.recoveryCodes.renew(by: stale, once: .unclaimed)
        }
        #expect(answer?.refusal == .factorTooOld && answer?.factors == [.totp])
    }

    @Test func `ends certificates, suspends other devices, and those that are kept are told`() async throws {
        let house = try await RecoveryHouse()
        let alice = try IdentityID("alice")
        for (name, key) in [("tablet", UInt8(61)), ("tower", 62)] {
            let device = try await house.house.add("device:alice.\(name)", owner: "alice")
            let registered = RegisteredKey(
                publicKey: try TestHouse.key(key).publicKey, identity: device.id, purpose: .authenticate,
                origin: "enrolment", createdAt: house.house.clock.now)
            _ = try await house.house.store.record(Entry([.keyRegistered(registered)], event: nil))
        }
        try await house.comeBack(house.codes[0], keep: "alice.tower")
        #expect(try await house.status("alice.laptop") == .active)
        #expect(try await house.status("alice.tablet") == .suspended)
        #expect(try await house.status("alice.tower") == .active)
        #expect(
            try await house.house.authority.notices.about(alice).map(\.sentence).contains {
                $0.contains("recovered")
            })
    }
}

@Suite struct `A second factor` {
    @Test func `A08 is not set up in a session without a fresh one`() async throws {
        let house = try await TestHouse()
        _ = try await house.enrol("alice", key: 1)
        let stale = try await house.requester("alice", signedIn: 900)
        let answer = await refused { try await house.authority.newAuthenticator.begin(by: stale) }
        #expect(answer?.refusal == .factorTooOld && answer?.factors == [.totp])
        #expect(await house.store.events.last?.action == .factorSet)
        #expect(await house.store.events.last?.refusal == .factorTooOld)
    }

    @Test func `A08 is what a session of a password alone lacks for everything`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        let now = house.clock.now
        let session = Session(
            id: "5e55", identity: try IdentityID("alice"), device: nil, factors: [.password: now],
            boundTo: alice.key.publicKey.fingerprint, source: TestHouse.source, startedAt: now,
            lastUsedAt: now)
        _ = try await house.store.record(
            Entry([.sessionStarted(session, tokenHash: TokenHash.of("t"))], event: nil))
        let ask = { (need: SessionNeed) in
            try await house.authority.sessions.authenticate(
                tokenHash: TokenHash.of("t"), key: alice.key.publicKey, source: TestHouse.source,
                requestID: "r", need: need)
        }
        #expect(await refusal { try await ask(.full) } == .sessionLimited)
        #expect(await house.store.events.last?.refusal == .sessionLimited)
        let limited = try await ask(.any)
        #expect(
            await refusal { try await house.authority.newAuthenticator.begin(by: limited) } == .factorRequired
        )
    }

    @Test func `is shown again in the session that runs, which then does what needs it`() async throws {
        let house = try await TestHouse()
        let ada = try await house.enrol("ada", key: 3)
        try await house.add("alice")
        house.clock.step(1_000)
        let stale = try await house.asks(ada)
        let alice = try IdentityID("alice")
        let suspend = { (requester: Requester) in
            try await house.authority.administration.setStatus(
                alice, .retired, reason: "", by: requester, once: .unclaimed)
        }
        let answer = await refused { try await suspend(stale) }
        #expect(answer?.refusal == .factorTooOld && answer?.factors == [.totp])
        let (state, ask) = try await house.authority.stepUp.start(["totp"], by: stale)
        #expect(ask == [.totp])
        let reached = try await house.authority.stepUp.answer(
            state: state, ["totp": ada.code(at: house.clock.now)], by: stale, once: .unclaimed)
        guard case .done(let session) = reached.value else { return #expect(Bool(false), "it goes on") }
        #expect(session.id == stale.session?.id)
        #expect(session.startedAt == stale.session?.startedAt)
        let fresh = try await house.asks(ada)
        #expect(fresh.factors[.totp] == house.clock.now)
        #expect(try await suspend(fresh).value.status == .retired)
        #expect(await house.story.contains("session.stepped-up"))
    }

    @Test func `is counted and used once when it is shown again, too`() async throws {
        let house = try await TestHouse()
        let ada = try await house.enrol("ada", key: 3)
        house.clock.step(60)
        let requester = try await house.asks(ada)
        let (state, _) = try await house.authority.stepUp.start(["totp"], by: requester)
        let show = { (code: String) in
            try await house.authority.stepUp.answer(
                state: state, ["totp": code], by: requester, once: .unclaimed)
        }
        let right = ada.code(at: house.clock.now)
        _ = try await show(right)
        #expect(await refusal { try await show(right) } == .signInFailed)
        for _ in 0..<4 { #expect(await refusal { try await show("guess") } == .signInFailed) }
        house.clock.step(30)
        #expect(await refusal { try await show(ada.code(at: house.clock.now)) } == .signInFailed)
        #expect(await house.store.events.last?.details["reason"] == .text("locked"))
    }

    @Test func `is not taken from another conversation, session or time`() async throws {
        let house = try await TestHouse()
        let ada = try await house.enrol("ada", key: 3)
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(60)
        let requester = try await house.asks(ada)
        let other = try await house.asks(alice)
        let (state, _) = try await house.authority.stepUp.start(["totp"], by: requester)
        let code = ["totp": ada.code(at: house.clock.now)]
        let both = code.merging(["password": TestHouse.password]) { $1 }
        let stepUp = house.authority.stepUp
        #expect(
            await refusal { try await stepUp.answer(state: state, code, by: other, once: .unclaimed) }
                == .conversationOver)
        #expect(
            await refusal { try await stepUp.answer(state: state, both, by: requester, once: .unclaimed) }
                == .badRequest)
        #expect(
            await refusal {
                try await stepUp.answer(state: state + "00", code, by: requester, once: .unclaimed)
            } == .conversationOver)
        house.clock.step(300)
        #expect(
            await refusal { try await stepUp.answer(state: state, code, by: requester, once: .unclaimed) }
                == .conversationOver)
        for factors in [[], ["recovery"], ["totp", "totp"], ["webauthn"]] {
            #expect(await refusal { try await stepUp.start(factors, by: requester) } == .badRequest)
        }
    }
}
