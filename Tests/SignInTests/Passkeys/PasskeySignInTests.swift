import Authority
import Names
import SSHFormats
import SignIn
import TestKit
import Testing

@Suite struct `A passkey as a factor` {
    @Test(arguments: PasskeyAlgorithm.allCases) func `signs its person in, alone`(
        _ algorithm: PasskeyAlgorithm
    ) async throws {
        let house = try await PasskeyHouse()
        let authenticator = try SoftAuthenticator(algorithm)
        let passkey = try await house.register(authenticator, of: house.alice, count: 3)
        #expect(passkey.name.text == "key-1" && passkey.transports == ["usb"])
        let new = try await house.signIn(authenticator, passkey, count: 4)
        #expect(new.session.identity == (try IdentityID("alice")))
        #expect(Array(new.session.factors.keys) == [.webauthn])
        let kept = try #require(await house.house.store.passkey(id: passkey.id))
        #expect(kept.signCount == 4 && kept.lastUsedAt == house.house.clock.now)
        #expect(
            await house.house.store.notices(of: passkey.person).contains { $0.kind == .passkeyAdded })
    }

    @Test func `says who it is where nobody said it`() async throws {
        let house = try await PasskeyHouse()
        let authenticator = try SoftAuthenticator()
        let passkey = try await house.register(authenticator, of: house.alice)
        #expect(try await house.signIn(authenticator, passkey, name: "").session.identity == passkey.person)
    }

    @Test func `waits until somebody answers, and no longer than three minutes`() async throws {
        let house = try await PasskeyHouse()
        let waiting = try await house.begin()
        guard case .more(let state, let ask) = try await house.go(on: waiting) else {
            throw TestFailure("it is over")
        }
        #expect(ask.first?.code == waiting.number && ask.first?.url?.hasSuffix(waiting.token) == true)
        house.house.clock.step(Int64(PasskeyRequest.longest))
        let later = PasskeyHouse.Waiting(
            state: state, token: waiting.token, number: waiting.number, key: waiting.key)
        #expect(try await refusal { try await house.page.look(waiting.token) } == .conversationOver)
        #expect(try await refusal { try await house.go(on: later) } == .signInFailed)
    }

    @Test func `A07 answers a challenge once, and only its own`() async throws {
        let house = try await PasskeyHouse()
        let authenticator = try SoftAuthenticator()
        let passkey = try await house.register(authenticator, of: house.alice)
        let (first, second) = (try await house.begin(), try await house.begin(key: 41))
        let (request, other) = (try await house.open(first), try await house.open(second))
        let answer = try authenticator.assertion(house.saying(request, count: 1), handle: passkey.handle)

        // Another session's challenge.
        #expect(try await refusal { try await house.answer(second.token, answer) } == .signInFailed)
        #expect(try await refusal { try await house.go(on: second) } == .signInFailed)
        // And that one is spent, even for what would have been right.
        let late = try authenticator.assertion(house.saying(other, count: 2), handle: passkey.handle)
        #expect(try await refusal { try await house.answer(second.token, late) } == .conversationOver)

        try await house.answer(first.token, answer)
        #expect(try await refusal { try await house.answer(first.token, answer) } == .conversationOver)
        guard case .done = try await house.go(on: first) else { throw TestFailure("it goes on") }
        // The same conversation makes no second session.
        #expect(try await refusal { try await house.go(on: first) } == .signInFailed)
        let third = try await house.begin()
        _ = try await house.open(third)
        #expect(try await refusal { try await house.answer(third.token, answer) } == .signInFailed)
    }

    @Test func `A07 alarms when its count falls, and signs nobody in`() async throws {
        let house = try await PasskeyHouse()
        let authenticator = try SoftAuthenticator()
        let passkey = try await house.register(authenticator, of: house.alice, count: 5)
        _ = try await house.signIn(authenticator, passkey, count: 9)
        for count in [UInt32(9), 8, 0] {
            let waiting = try await house.begin()
            let request = try await house.open(waiting)
            let answer = try authenticator.assertion(
                house.saying(request, count: count), handle: passkey.handle)
            #expect(try await refusal { try await house.answer(waiting.token, answer) } == .signInFailed)
            let event = try #require(await house.house.store.events.last)
            #expect(event.action == .signCountFell && event.actor == passkey.person)
            #expect(event.details["passkey"] == .text("key-1"))
            #expect(try await refusal { try await house.go(on: waiting) } == .signInFailed)
        }
        #expect(
            await house.house.store.notices(of: passkey.person).contains { $0.kind == .signCountFell })
        #expect(await house.house.store.passkey(id: passkey.id)?.signCount == 9)
        _ = try await house.signIn(authenticator, passkey, count: 10)
    }

    @Test func `A07 of another person proves nothing for the one who is named`() async throws {
        let house = try await PasskeyHouse()
        let bob = try await house.house.enrol("bob", key: 2)
        let (alices, bobs) = (try SoftAuthenticator(), try SoftAuthenticator())
        let passkey = try await house.register(alices, of: house.alice)
        let other = try await house.register(bobs, of: bob)
        let waiting = try await house.begin()
        let request = try await house.open(waiting)
        try await house.answer(
            waiting.token, try bobs.assertion(house.saying(request), handle: other.handle))
        #expect(try await refusal { try await house.go(on: waiting) } == .signInFailed)
        #expect(await house.house.store.events.last?.details["reason"] == .text("another-person"))

        // Another one's id over one's own signature, and one's own handle over another one's id.
        for (id, handle) in [
            (passkey.id, passkey.handle), (passkey.id, other.handle), ([1, 2, 3], other.handle),
        ] {
            let waiting = try await house.begin("bob")
            let request = try await house.open(waiting)
            let signed = try bobs.assertion(house.saying(request), handle: handle)
            let swapped = PasskeyAssertion(
                id: id, clientData: signed.clientData, authenticatorData: signed.authenticatorData,
                signature: signed.signature, handle: handle)
            #expect(try await refusal { try await house.answer(waiting.token, swapped) } == .signInFailed)
        }
    }

    @Test func `A07 must be verified where it is alone, whatever the configuration says`() async throws {
        let house = try await PasskeyHouse(.discouraged)
        let authenticator = try SoftAuthenticator()
        let passkey = try await house.register(authenticator, of: house.alice)
        for (way, verification) in [
            ("webauthn", UserVerification.required), ("password+webauthn", .discouraged),
        ] {
            var waiting = try await house.begin(with: "webauthn")
            if way != "webauthn" { waiting = try await house.beginAfterPassword(key: 42) }
            let request = try await house.open(waiting)
            #expect(request.verification == verification)
            var saying = house.saying(request)
            saying.flags = 0x01
            let answer = try authenticator.assertion(saying, handle: passkey.handle)
            let refused = try await refusal { try await house.answer(waiting.token, answer) }
            #expect(refused == (verification == .required ? .signInFailed : nil))
        }
    }

    @Test func `does not tell whether the password before it was right`() async throws {
        let house = try await PasskeyHouse()
        let authenticator = try SoftAuthenticator()
        let passkey = try await house.register(authenticator, of: house.alice)
        for (name, password, isRight) in [
            ("alice", TestHouse.password, true), ("alice", "wrong horse battery", false),
            ("nobody", "x", false),
        ] {
            let waiting = try await house.beginAfterPassword(name, password, key: 42)
            let facts = try await house.page.look(waiting.token)
            #expect(facts.source == TestHouse.source && facts.registration == nil && facts.proof == nil)
            let request = try await house.open(waiting)
            try await house.answer(
                waiting.token, try authenticator.assertion(house.saying(request), handle: passkey.handle))
            #expect(try await refusal { try await house.go(on: waiting) } == (isRight ? nil : .signInFailed))
        }
    }

    @Test func `is asked of names that do not exist by the same steps`() async throws {
        let house = try await PasskeyHouse()
        _ = try await house.register(try SoftAuthenticator(), of: house.alice)
        var shown: [String] = []
        for name in ["alice", "nobody", "Not a name!", ""] {
            let waiting = try await house.begin(name)
            let request = try await house.open(waiting)
            shown.append(
                "\(request.purpose) \(request.verification) \(waiting.token.utf8.count) \(waiting.number.utf8.count)"
            )
        }
        #expect(Set(shown).count == 1)
    }

    @Test func `is kept from somebody else's sign-in by the number`() async throws {
        let house = try await PasskeyHouse()
        let authenticator = try SoftAuthenticator()
        let passkey = try await house.register(authenticator, of: house.alice)
        let waiting = try await house.begin()
        let request = try #require(
            await house.house.store.passkeyRequest(tokenHash: TokenHash.of(waiting.token)))
        // Without the number nothing is taken, though the challenge were known.
        let answer = try authenticator.assertion(house.saying(request), handle: passkey.handle)
        #expect(try await refusal { try await house.answer(waiting.token, answer) } == .conversationOver)
        let wrong = waiting.number == "0000" ? "0001" : "0000"
        let open = { (number: String) in
            try await house.page.open(
                waiting.token, number: number, source: PasskeyHouse.stranger, requestID: "page-1"
            ).0
        }
        #expect(try await refusal { try await open(wrong) } == .signInFailed)
        #expect(try await refusal { try await open(waiting.number) } == .conversationOver)
        #expect(await house.story.contains("sign-in.denied:sign-in-failed"))
        #expect(try await refusal { try await house.go(on: waiting) } == .signInFailed)

        let second = try await house.begin()
        try await house.page.deny(second.token, source: PasskeyHouse.stranger, requestID: "page-1")
        #expect(await house.story.last == "sign-in.denied")
        #expect(try await refusal { try await house.go(on: second) } == .signInFailed)
        #expect(
            try await refusal { try await house.page.look("AAAAAAAAAAAAAAAAAAAAAA") } == .conversationOver)
    }

    @Test func `A09 still signs in where the password is locked`() async throws {
        let house = try await PasskeyHouse()
        let authenticator = try SoftAuthenticator()
        let passkey = try await house.register(authenticator, of: house.alice)
        for _ in 0..<8 {
            _ = try? await house.house.signIn(
                "alice", ["password": "wrong horse battery", "totp": "000000"], key: house.alice.key.publicKey
            )
        }
        _ = try await house.signIn(authenticator, passkey)
    }

    @Test func `freshens a session`() async throws {
        let house = try await PasskeyHouse()
        let authenticator = try SoftAuthenticator()
        let passkey = try await house.register(authenticator, of: house.alice)
        house.house.clock.step(1_000)
        let requester = try await house.asks(house.alice)
        let (state, ask) = try await house.house.authority.stepUp.start(["webauthn"], by: requester)
        let waiting = try PasskeyHouse.waiting(state, ask, house.alice.key.publicKey)
        let request = try await house.open(waiting)
        try await house.answer(
            waiting.token, try authenticator.assertion(house.saying(request), handle: passkey.handle))
        let reached = try await house.house.authority.stepUp.answer(
            state: state, ["webauthn": ""], by: requester, once: .unclaimed
        ).value
        guard case .done(let session) = reached else { throw TestFailure("it goes on") }
        #expect(session.factors[.webauthn] == house.house.clock.now)
    }
}
