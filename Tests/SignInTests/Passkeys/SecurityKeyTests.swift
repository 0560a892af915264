import Authority
import Names
import SSHFormats
import SignIn
import TestKit
import Testing

/// Keys that keep nothing: the browser has to be told their ids.
@Suite struct `A security key without discoverable credential` {
    /// A token touched, without PIN.
    private static let touched: UInt8 = 0x01
    /// The key of alice's laptop, of bob's, and of no device.
    private static let (alices, bobs, strange): (UInt8, UInt8, UInt8) = (1, 2, 77)

    private func house() async throws -> (PasskeyHouse, SoftAuthenticator, Passkey) {
        let house = try await PasskeyHouse()
        let token = try SoftAuthenticator()
        let key = try await house.register(
            token, of: house.alice, name: "u2f", flags: Self.touched, .discouraged)
        return (house, token, key)
    }

    private func answer(
        _ house: PasskeyHouse, _ token: SoftAuthenticator, _ waiting: PasskeyHouse.Waiting, count: UInt32 = 0,
        handle: [UInt8] = []
    ) async throws {
        var saying = house.saying(try await house.open(waiting), count: count)
        saying.flags = Self.touched
        try await house.answer(waiting.token, try token.assertion(saying, handle: handle))
    }

    @Test func `is a second factor where the person's own device asks`() async throws {
        let (house, token, key) = try await house()
        #expect(!key.isDiscoverable)
        let waiting = try await house.beginAfterPassword(key: Self.alices)
        #expect(try await house.ids(waiting) == [key.id])
        try await answer(house, token, waiting)
        guard case .done(let new) = try await house.go(on: waiting) else { throw TestFailure("it goes on") }
        #expect(Set(new.session.factors.keys) == [.password, .webauthn])

        // One that knows whose it is may say so; a wrong handle is another's.
        let named = try await house.beginAfterPassword(key: Self.alices)
        try await answer(house, token, named, handle: key.handle)
        guard case .done = try await house.go(on: named) else { throw TestFailure("it goes on") }
        let wrong = try await house.beginAfterPassword(key: Self.alices)
        #expect(try await refusal { try await answer(house, token, wrong, handle: [1, 2]) } == .signInFailed)
    }

    @Test func `is named to no stranger, whatever name they type and whether the password is right`()
        async throws
    {
        let (house, _, _) = try await house()
        _ = try await house.house.enrol("bob", key: Self.bobs)
        for key in [Self.strange, Self.bobs] {
            for (name, password) in [
                ("alice", TestHouse.password), ("alice", "wrong horse battery"), ("nobody", "x"),
                ("bob", "x"),
            ] {
                let waiting = try await house.beginAfterPassword(name, password, key: key)
                #expect(try await house.ids(waiting) == [], "\(name)")
                #expect(try await !house.page.takesSecurityKeys(try await house.page.look(waiting.token)))
            }
        }
    }

    @Test func `is named to the person's device, whatever name is typed and whether the password is right`()
        async throws
    {
        let (house, _, key) = try await house()
        _ = try await house.house.enrol("bob", key: Self.bobs)
        for (name, password) in [
            ("alice", TestHouse.password), ("alice", "wrong horse battery"), ("nobody", "x"),
            ("bob", TestHouse.password),
        ] {
            let waiting = try await house.beginAfterPassword(name, password, key: Self.alices)
            #expect(try await house.ids(waiting) == [key.id], "\(name)")
        }
        // Discoverable ones are not named to anybody.
        _ = try await house.register(try SoftAuthenticator(), of: house.alice, name: "phone")
        #expect(try await house.ids(try await house.beginAfterPassword(key: Self.alices)) == [key.id])
    }

    @Test func `A07 of another person, or not on the list, counts for nothing`() async throws {
        let (house, token, key) = try await house()
        let bob = try await house.house.enrol("bob", key: Self.bobs)
        let bobsToken = try SoftAuthenticator()
        let bobsKey = try await house.register(
            bobsToken, of: bob, name: "u2f", flags: Self.touched, .discouraged)
        // Right password, right token, but a key that is no device of theirs: nothing was listed.
        let strange = try await house.beginAfterPassword(key: Self.strange)
        #expect(try await refusal { try await answer(house, token, strange) } == .signInFailed)
        #expect(await house.house.store.events.last?.details["reason"] == .text("not-listed"))
        #expect(try await refusal { try await house.go(on: strange) } == .signInFailed)
        // Bob's token on alice's device, and alice's id over its signature.
        for (id, handle) in [
            (bobsKey.id, []), (bobsKey.id, bobsKey.handle), (key.id, []), (key.id, key.handle),
        ] {
            let waiting = try await house.beginAfterPassword(key: Self.alices)
            var saying = house.saying(try await house.open(waiting))
            saying.flags = Self.touched
            let signed = try bobsToken.assertion(saying, handle: handle)
            let swapped = PasskeyAssertion(
                id: id, clientData: signed.clientData, authenticatorData: signed.authenticatorData,
                signature: signed.signature, handle: handle)
            #expect(try await refusal { try await house.answer(waiting.token, swapped) } == .signInFailed)
        }
        // Bob names alice, whose password he knows, on his device with his own token.
        let posing = try await house.beginAfterPassword("alice", key: Self.bobs)
        #expect(try await house.ids(posing) == [bobsKey.id])
        try await answer(house, bobsToken, posing)
        #expect(try await refusal { try await house.go(on: posing) } == .signInFailed)
        #expect(await house.house.store.events.last?.details["reason"] == .text("another-person"))
    }

    @Test func `A07 is never all that is asked for, not even with a PIN`() async throws {
        let (house, token, key) = try await house()
        let waiting = try await house.begin(key: Self.alices)
        let request = try await house.open(waiting)
        #expect(request.listed == nil)
        #expect(try await house.ids(waiting) == [])
        let signed = try token.assertion(house.saying(request), handle: key.handle)
        #expect(try await refusal { try await house.answer(waiting.token, signed) } == .signInFailed)
    }

    @Test func `A07 must be verified where the configuration says so`() async throws {
        let strict = try await PasskeyHouse(.required)
        let token = try SoftAuthenticator()
        #expect(
            try await refusal {
                try await strict.register(token, of: strict.alice, flags: Self.touched, .discouraged)
            } == .signInFailed)
        _ = try await strict.register(token, of: strict.alice, flags: 0x05, .discouraged)
        let waiting = try await strict.beginAfterPassword(key: Self.alices)
        #expect(try await refusal { try await answer(strict, token, waiting) } == .signInFailed)
    }

    @Test func `A07 alarms when its count falls`() async throws {
        let (house, token, key) = try await house()
        for (count, refused) in [(UInt32(7), nil), (7, Refusal.signInFailed), (8, nil)] {
            let waiting = try await house.beginAfterPassword(key: Self.alices)
            #expect(try await refusal { try await answer(house, token, waiting, count: count) } == refused)
        }
        #expect(await house.house.store.notices(of: key.person).contains { $0.kind == .signCountFell })
    }

    @Test func `is named no more on a device that is suspended or lost`() async throws {
        let (house, _, _) = try await house()
        let store = house.house.store
        let id = try #require(house.alice.session.session.device)
        var device = try #require(await store.identity(id))
        device.status = .suspended
        _ = try await store.record(Entry([.identityChanged(device)], event: nil))
        #expect(try await house.ids(try await house.beginAfterPassword(key: Self.alices)) == [])
    }

    @Test func `freshens a session`() async throws {
        let (house, token, key) = try await house()
        house.house.clock.step(1_000)
        let requester = try await house.asks(house.alice)
        let (state, ask) = try await house.house.authority.stepUp.start(["webauthn"], by: requester)
        let waiting = try PasskeyHouse.waiting(state, ask, house.alice.key.publicKey)
        #expect(try await house.ids(waiting) == [key.id])
        try await answer(house, token, waiting)
        let reached = try await house.house.authority.stepUp.answer(
            state: state, ["webauthn": ""], by: requester, once: .unclaimed
        ).value
        guard case .done(let session) = reached else { throw TestFailure("it goes on") }
        #expect(session.factors[.webauthn] == house.house.clock.now)
    }
}
