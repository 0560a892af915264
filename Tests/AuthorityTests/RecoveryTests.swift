import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `A recovery code` {
    /// alice with the codes that she was shown when she enrolled.
    private struct House {
        let house: TestHouse
        let alice: TestPerson
        var codes: [String] { alice.session.recoveryCodes.map { $0.withExposed { $0 } } }

        @discardableResult
        func signIn(
            _ code: String, password: String = TestHouse.password, source: String = TestHouse.source
        ) async throws -> NewSession {
            try await house.signIn(
                "alice", ["password": password, "recovery": code], key: alice.key.publicKey, source: source)
        }

        func requester(_ new: NewSession, need: SessionNeed = .any) async throws -> Requester {
            try await house.authority.sessions.authenticate(
                tokenHash: TokenHash.of(new.token.withExposed { $0 }), key: alice.key.publicKey,
                source: TestHouse.source, requestID: "r", need: need)
        }
    }

    private func house() async throws -> House {
        let house = try await TestHouse()
        return House(house: house, alice: try await house.enrol("alice", key: 1))
    }

    @Test func `is one of ten that enrolment makes, each of 80 bits`() async throws {
        let house = try await house()
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

    @Test func `counts once, with the password, however it is typed`() async throws {
        let house = try await house()
        let code = house.codes[3].uppercased().replacing("-", with: " ")
        #expect(await refusal { try await house.signIn(code, password: "wrong password") } == .signInFailed)
        let new = try await house.signIn(code)
        #expect(new.session.factors.keys.sorted { $0.rawValue < $1.rawValue } == [.password, .recovery])
        #expect(await refusal { try await house.signIn(code) } == .signInFailed)
        let event = try #require(await house.house.store.events.last { $0.action == .signedIn })
        #expect(event.details["factors"] == .list(["password", "recovery"]))
        #expect(event.details["recoveryCodesLeft"] == .number(9))
        #expect(try await house.house.authority.recoveryCodes.left(of: new.session.identity) == 9)
        let notices = try await house.house.authority.notices.about(new.session.identity)
        #expect(notices.map(\.kind) == [.recoveryCodeUsed])
    }

    @Test func `A10 used 50 times in parallel lets in once only`() async throws {
        let house = try await house()
        let code = house.codes[0]
        let sessions = await withTaskGroup(of: NewSession?.self) { group in
            for number in 0..<50 {
                group.addTask { try? await house.signIn(code, source: "198.51.100.\(number)") }
            }
            return await group.reduce(into: [NewSession]()) { all, one in if let one { all.append(one) } }
        }
        #expect(sessions.count == 1)
        #expect(await house.house.store.sessions.count == 2, "of the enrolment and of the code")
        #expect(await house.house.store.recoveryCodes(of: try IdentityID("alice")).count == 9)
    }

    @Test func `is guessed at no more often than other factors, and its person is told`() async throws {
        let house = try await house()
        for _ in 0..<7 { _ = await refused { try await house.signIn("aaaa-bbbb-cccc-dddd") } }
        let reasons = await house.house.store.events.compactMap { event -> String? in
            guard case .text(let reason) = event.details["reason"] else { return nil }
            return reason
        }
        #expect(reasons.count { $0 == "wrong-recovery-code" } == 5)
        #expect(reasons.count { $0 == "locked" } == 2)
        #expect(await refusal { try await house.signIn(house.codes[0]) } == .signInFailed)
        let id = try IdentityID("alice")
        #expect(try await house.house.authority.notices.about(id).map(\.kind) == [.attemptsLocked])
        house.house.clock.step(30)
        try await house.house.signIn(house.alice)
    }

    @Test func `is void once there are new ones`() async throws {
        let house = try await house()
        let requester = try await house.house.asks(house.alice)
        let new = try await house.house.authority.recoveryCodes.renew(by: requester, once: .unclaimed)
        let codes = new.value.map { $0.withExposed { $0 } }
        #expect(codes.count == 10 && Set(codes).isDisjoint(with: house.codes))
        #expect(await refusal { try await house.signIn(house.codes[0]) } == .signInFailed)
        try await house.signIn(codes[0])
    }

    @Test func `makes no new ones without a fresh second factor`() async throws {
        let house = try await house()
        let stale = try await house.house.requester("alice", signedIn: 900)
        let answer = await refused {
            try await house.house.authority.recoveryCodes.renew(by: stale, once: .unclaimed)
        }
        #expect(answer?.refusal == .factorTooOld && answer?.factors == [.totp])
    }

    @Test func `lets a new authenticator be set up, and nothing else before`() async throws {
        let house = try await house()
        let new = try await house.signIn(house.codes[0])
        #expect(await refusal { try await house.requester(new, need: .full) } == .sessionLimited)
        let limited = try await house.requester(new)
        let desk = house.house.authority.newAuthenticator
        let (secret, state) = try await desk.begin(by: limited)
        let seed = secret.withExposed { $0 }
        let now = house.house.clock.now.seconds / 30
        #expect(
            await refusal {
                try await desk.finish(state: state, code: "000000x", by: limited, once: .unclaimed)
            } == .signInFailed)
        house.house.clock.step(30)
        let code = TOTP.code(secret: seed, step: now + 1)
        let session = try await desk.finish(state: state, code: code, by: limited, once: .unclaimed).value
        #expect(!session.isLimited)
        _ = try await house.requester(new, need: .full)
        house.house.clock.step(30)
        #expect(await refusal { try await house.house.signIn(house.alice) } == .signInFailed)
        house.house.clock.step(60)
        try await house.house.signIn(
            "alice", password: TestHouse.password,
            code: TOTP.code(secret: seed, step: house.house.clock.now.seconds / 30), key: house.alice.key)
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
