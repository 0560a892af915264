import Authority
import Names
import SSHFormats
import Testing

@Suite struct `A storage engine keeps passkeys` {
    private func passkey(
        _ number: UInt8, of person: Identity, name: String, count: UInt32 = 0
    ) throws -> Passkey {
        Passkey(
            id: [number, 0, 255], person: person.id, handle: [UInt8](repeating: number, count: 32),
            key: PasskeyKey(.eddsa, [UInt8](repeating: 9, count: 32)), signCount: count,
            transports: ["usb", "nfc"], isBackupEligible: true, isBackedUp: false,
            residentKey: number == 2 ? .discouraged : .required, name: try Name(name),
            createdAt: Sample.noon.advanced(by: Int64(number)))
    }

    private func request(
        _ number: UInt8, of person: Identity? = nil, listed: Identity? = nil, at time: UnixTime = Sample.noon
    ) throws -> PasskeyRequest {
        PasskeyRequest(
            id: "request-\(number)", tokenHash: [UInt8](repeating: number, count: 32),
            purpose: person == nil ? .signIn : .registration, number: "0471",
            challenge: [UInt8](repeating: 200, count: 32), verification: .preferred,
            key: try Sample.privateKey(number).publicKey.fingerprint, source: "2001:db8::1", askedAt: time,
            registration: try person.map {
                PasskeyRequest.Registration(
                    person: $0.id, handle: [1, 2], name: try Name("blue"), residentKey: .discouraged)
            }, listed: listed?.id)
    }

    @Test(arguments: Engine.allCases) func `each for one person, by one name`(_ engine: Engine) async throws {
        let store = try await engine.open()
        let (alice, bob) = (try Sample.person("alice"), try Sample.person("bob"))
        try await store.keep(.identityAdded(alice), .identityAdded(bob))
        let (blue, red) = (try passkey(2, of: alice, name: "blue"), try passkey(1, of: alice, name: "red"))
        try await store.keep(.passkeyAdded(blue))
        try await store.keep(.passkeyAdded(red))
        #expect(try await store.passkey(id: blue.id) == blue)
        #expect(try await store.passkeys(of: alice.id) == [red, blue])
        #expect(try await store.passkeys(of: bob.id) == [])
        for taken in [
            try passkey(2, of: bob, name: "blue"), try passkey(2, of: alice, name: "green"),
            try passkey(3, of: alice, name: "blue"),
        ] {
            #expect(await conflict { try await store.keep(.passkeyAdded(taken)) } == .conflict(.exists))
        }
        try await store.keep(.passkeyAdded(try passkey(3, of: bob, name: "blue")))
        #expect(
            await conflict { try await store.keep(.passkeyRemoved(blue.id, of: bob.id)) }
                == .conflict(.missing))
        try await store.keep(.passkeyRemoved(blue.id, of: alice.id))
        #expect(try await store.passkey(id: blue.id) == nil)
        let facts = try await store.oversight(at: Sample.noon)
        #expect(facts.factors[alice.id]?[.webauthn] == .some(red.createdAt))
    }

    @Test(arguments: Engine.allCases) func `A07 whose count never falls`(_ engine: Engine) async throws {
        let store = try await engine.open()
        let alice = try Sample.person("alice")
        let (counting, silent) = (try passkey(1, of: alice, name: "a"), try passkey(2, of: alice, name: "b"))
        try await store.keep(.identityAdded(alice), .passkeyAdded(counting), .passkeyAdded(silent))
        let use = { (count: UInt32, seconds: Int64) in
            PasskeyUse(signCount: count, isBackedUp: true, at: Sample.noon.advanced(by: seconds))
        }
        for (seconds, count) in [(1, UInt32(0)), (2, 1), (3, 7), (4, .max)] {
            try await store.keep(.passkeyUsed(counting.id, use(count, Int64(seconds))))
        }
        for count: UInt32 in [.max, .max - 1, 7, 0] {
            let again = await conflict { try await store.keep(.passkeyUsed(counting.id, use(count, 9))) }
            #expect(again == .conflict(.stepUsed))
        }
        let kept = try #require(try await store.passkey(id: counting.id))
        #expect(kept.signCount == .max && kept.isBackedUp && kept.lastUsedAt == Sample.noon.advanced(by: 4))
        for seconds in 1...3 { try await store.keep(.passkeyUsed(silent.id, use(0, Int64(seconds)))) }
        #expect(try await store.passkey(id: silent.id)?.lastUsedAt == Sample.noon.advanced(by: 3))
    }

    @Test(arguments: Engine.allCases) func `A07 and lets a request be answered once`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let alice = try Sample.person("alice")
        let (signIn, registration) = (try request(1, listed: alice), try request(2, of: alice))
        try await store.keep(.identityAdded(alice), .passkeyAsked(signIn), .passkeyAsked(registration))
        #expect(try await store.passkeyRequest(id: signIn.id) == signIn)
        #expect(try await store.passkeyRequest(tokenHash: registration.tokenHash) == registration)
        #expect(try await store.passkeyRequest(id: "none") == nil)
        #expect(await conflict { try await store.keep(.passkeyAsked(signIn)) } == .conflict(.exists))

        let proof = PasskeyRequest.Proof(alice.id, [5, 6])
        for early in [PasskeyRequest.State.open, .answered, .failed, .used] {
            let moved = await conflict { try await store.keep(.passkeyMoved(id: signIn.id, early, proof)) }
            #expect(moved == .conflict(.stepUsed))
        }
        try await store.keep(.passkeyMoved(id: signIn.id, .numbered, nil))
        try await store.keep(.passkeyMoved(id: signIn.id, .answered, proof))
        for late in [PasskeyRequest.State.numbered, .answered, .failed, .denied] {
            let moved = await conflict { try await store.keep(.passkeyMoved(id: signIn.id, late, nil)) }
            #expect(moved == .conflict(.stepUsed))
        }
        try await store.keep(.passkeyMoved(id: signIn.id, .used, nil))
        let kept = try #require(try await store.passkeyRequest(id: signIn.id))
        #expect(kept.state == .used && kept.proof == proof)

        let later = try request(3, at: Sample.noon.advanced(by: Int64(PasskeyRequest.kept) + 1))
        try await store.keep(.passkeyAsked(later))
        #expect(try await store.passkeyRequest(id: signIn.id) == nil)
    }
}
