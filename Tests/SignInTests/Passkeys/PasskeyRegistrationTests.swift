import Authority
import Names
import SSHFormats
import SignIn
import TestKit
import Testing

@Suite struct `Registering a passkey` {
    @Test func `A08 needs a fresh second factor, at the beginning and at the end`() async throws {
        let house = try await PasskeyHouse()
        let requester = try await house.asks(house.alice)
        house.house.clock.step(899)
        let begun = try await house.house.authority.passkeys.begin(nil, by: requester)
        let token = String(begun.address.dropFirst(PasskeyHouse.page.utf8.count + 1))
        let (request, _) = try await house.page.open(
            token, number: begun.number, source: PasskeyHouse.stranger, requestID: "page-1")
        try await house.page.answer(
            token, try SoftAuthenticator().attestation(house.saying(request)),
            source: PasskeyHouse.stranger, requestID: "page-2")
        house.house.clock.step(1)
        let desk = house.house.authority.passkeys
        #expect(
            try await refusal { try await desk.finish(begun.id, by: requester, once: .unclaimed) }
                == .factorTooOld)
        #expect(try await refusal { try await desk.begin(nil, by: requester) } == .factorTooOld)
        #expect(
            try await refusal { try await desk.remove(try Name("key-1"), by: requester, once: .unclaimed) }
                == .factorTooOld)
        #expect(try await desk.list(by: requester) == [])
    }

    @Test func `takes several, each once, and by names of the person's`() async throws {
        let house = try await PasskeyHouse()
        let requester = try await house.asks(house.alice)
        let desk = house.house.authority.passkeys
        let blue = try SoftAuthenticator()
        let first = try await house.register(blue, of: house.alice, name: "blue")
        let second = try await house.register(try SoftAuthenticator(), of: house.alice)
        #expect(second.name.text == "key-1" && second.handle == first.handle)
        #expect(
            try await refusal { try await house.register(blue, of: house.alice, name: "again") }
                == .alreadyExists)
        #expect(try await refusal { try await desk.begin(try Name("blue"), by: requester) } == .alreadyExists)
        let begun = try await desk.begin(nil, by: requester)
        let (_, ids) = try await house.page.open(
            String(begun.address.dropFirst(PasskeyHouse.page.utf8.count + 1)), number: begun.number,
            source: PasskeyHouse.stranger, requestID: "page-1")
        #expect(Set(ids) == [first.id, second.id])
        for number in 2...15 {
            _ = try await house.register(try SoftAuthenticator(), of: house.alice, name: "more-\(number)")
        }
        #expect(try await refusal { try await desk.begin(nil, by: requester) } == .badRequest)
    }

    @Test func `is the session's that began it`() async throws {
        let house = try await PasskeyHouse()
        let desk = house.house.authority.passkeys
        let bob = try await house.asks(try await house.house.enrol("bob", key: 2))
        let begun = try await desk.begin(nil, by: try await house.asks(house.alice))
        #expect(
            try await refusal { try await desk.finish(begun.id, by: bob, once: .unclaimed) }
                == .conversationOver)
        guard
            case .waiting = try await desk.finish(
                begun.id, by: try await house.asks(house.alice), once: .unclaimed
            ).value
        else { throw TestFailure("nothing waits") }
        // A sign-in's page takes no registration.
        let waiting = try await house.begin()
        let request = try await house.open(waiting)
        #expect(
            try await refusal {
                try await house.page.answer(
                    waiting.token, try SoftAuthenticator().attestation(house.saying(request)),
                    source: PasskeyHouse.stranger, requestID: "page-2")
            } == .conversationOver)
    }

    @Test func `asks for a PIN or finger where a passkey may be alone`() async throws {
        let strict = try await PasskeyHouse(.discouraged)
        #expect(
            try await refusal {
                try await strict.register(try SoftAuthenticator(), of: strict.alice, flags: 0x01)
            } == .signInFailed)
        let second = try await PasskeyHouse(.discouraged, ways: ["password+webauthn"])
        _ = try await second.register(try SoftAuthenticator(), of: second.alice, flags: 0x01)
    }

    @Test func `ends when the passkey is removed`() async throws {
        let house = try await PasskeyHouse()
        let requester = try await house.asks(house.alice)
        let authenticator = try SoftAuthenticator()
        let passkey = try await house.register(authenticator, of: house.alice)
        let desk = house.house.authority.passkeys
        _ = try await desk.remove(passkey.name, by: requester, once: .unclaimed)
        #expect(
            try await refusal { try await desk.remove(passkey.name, by: requester, once: .unclaimed) }
                == .notFound)
        #expect(try await refusal { try await house.signIn(authenticator, passkey) } == .signInFailed)
    }

    @Test func `is undone by the helpdesk where a passkey is lost, and by no stranger`() async throws {
        let house = try await PasskeyHouse()
        let passkey = try await house.register(try SoftAuthenticator(), of: house.alice)
        let desk = house.house.authority.passkeys
        let bob = try await house.house.requester("bob")
        let hal = try await house.house.requester("hal")
        #expect(
            try await refusal {
                try await desk.remove(passkey.name, of: passkey.person, by: bob, once: .unclaimed)
            } == .notFound)
        #expect(try await refusal { try await desk.list(of: passkey.person, by: bob) } == .adminRequired)
        #expect(try await desk.list(of: passkey.person, by: hal) == [passkey])
        _ = try await desk.remove(passkey.name, of: passkey.person, by: hal, once: .unclaimed)
        let event = try #require(await house.house.store.events.last)
        #expect(event.action == .factorSet && event.subject == "alice" && event.actor?.name.text == "hal")
        #expect(await house.house.store.notices(of: passkey.person).contains { $0.kind == .passkeyRemoved })
    }

    @Test func `is refused where no way to sign in takes one`() async throws {
        let house = try await TestHouse()
        let alice = try await house.requester("alice")
        #expect(try await refusal { try await house.authority.passkeys.begin(nil, by: alice) } == .badRequest)
        #expect(
            try await refusal { try await house.authority.passkeyPage.look("AAAAAAAAAAAAAAAAAAAAAA") }
                == .conversationOver)
    }
}
