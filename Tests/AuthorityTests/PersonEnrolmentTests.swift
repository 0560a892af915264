import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `A person's enrolment` {
    private struct Begun {
        let house: TestHouse
        let token: String
        let begun: EnrolmentBegun
        let seed: [UInt8]
        let key: PrivateKey

        var code: String { TOTP.code(secret: seed, step: house.clock.now.seconds / 30) }

        func finish(
            device: String = "laptop", password: String = TestHouse.password, code: String? = nil,
            token: String? = nil, state: String? = nil, key: PublicKey? = nil
        ) async throws -> Outcome<NewSession> {
            let request = PersonEnrolment(
                token: token ?? self.token, state: state ?? begun.state, deviceName: device,
                password: Secret(Array(password.utf8)), code: code ?? self.code)
            return try await house.authority.personEnrolment.finish(
                request, key: key ?? self.key.publicKey, source: "192.0.2.1", requestID: "r", once: .unclaimed
            )
        }
    }

    private func begin(
        _ name: String = "alice", in house: TestHouse? = nil, key number: UInt8 = 1
    ) async throws -> Begun {
        let house = if let house { house } else { try await TestHouse() }
        let key = try TestHouse.key(number)
        let token = try await house.link(for: name)
        let begun = try await house.authority.enrolment.begin(
            token: token, key: key.publicKey, source: "192.0.2.1", requestID: "r")
        var seed: [UInt8] = []
        if case .newFactors(let secret) = begun.needs { seed = secret.withExposed { $0 } }
        return Begun(house: house, token: token, begun: begun, seed: seed, key: key)
    }

    @Test func `makes factors, a device and a session at once`() async throws {
        let alice = try await begin()
        let outcome = try await alice.finish()
        let device = try IdentityID("device:alice.laptop")
        #expect(outcome.value.session.device == device)
        #expect(await alice.house.store.identity(device)?.owner == (try IdentityID("alice")))
        let keys = await alice.house.store.registeredKeys
        #expect(keys.map(\.publicKey) == [alice.key.publicKey])
        #expect(keys.map(\.identity) == [device])
        #expect(await alice.house.story == ["link.made", "link.redeemed", "enrolled"])
    }

    @Test func `may repeat a lost reply with the same key only`() async throws {
        let alice = try await begin()
        let again = try await alice.house.authority.enrolment.begin(
            token: alice.token, key: alice.key.publicKey, source: "192.0.2.1", requestID: "r")
        #expect(again.identity == alice.begun.identity)
        let other = try TestHouse.key(9).publicKey
        #expect(
            await refusal {
                try await alice.house.authority.enrolment.begin(
                    token: alice.token, key: other, source: "192.0.2.1", requestID: "r")
            } == .linkInvalid)
        #expect(await refusal { try await alice.finish(key: other) } == .linkInvalid)
        _ = try await alice.finish()
        #expect(await refusal { try await alice.finish(device: "second") } == .linkInvalid)
        #expect(
            await refusal {
                try await alice.house.authority.enrolment.begin(
                    token: alice.token, key: alice.key.publicKey, source: "192.0.2.1", requestID: "r")
            } == .linkInvalid)
    }

    @Test func `begins within 15 minutes`() async throws {
        let house = try await TestHouse()
        let key = try TestHouse.key(1).publicKey
        let token = try await house.link(for: "alice")
        house.clock.step(901)
        #expect(
            await refusal {
                try await house.authority.enrolment.begin(
                    token: token, key: key, source: "192.0.2.1", requestID: "r")
            } == .linkInvalid)
        #expect(
            await refusal {
                try await house.authority.enrolment.begin(
                    token: "unknown", key: key, source: "192.0.2.1", requestID: "r")
            } == .linkInvalid)
    }

    @Test func `ends within 15 minutes of its beginning`() async throws {
        let alice = try await begin()
        alice.house.clock.step(900)
        #expect(await refusal { try await alice.finish() } == .linkInvalid)
        alice.house.clock.step(-1)
        _ = try await alice.finish()
    }

    @Test func `takes the state of its own link alone`() async throws {
        let alice = try await begin()
        let bob = try await begin("bob", in: alice.house)
        #expect(await refusal { try await alice.finish(state: bob.begun.state) } == .linkInvalid)
        #expect(await refusal { try await alice.finish(token: bob.token) } == .linkInvalid)
        let signIn = try await alice.house.authority.signIn.start(
            name: "alice", key: alice.key.publicKey, source: "192.0.2.1")
        for state in [
            "", "00", "xyz", signIn.state, String(alice.begun.state.dropLast(2)), alice.begun.state + "00",
        ] {
            #expect(await refusal { try await alice.finish(state: state) } == .linkInvalid)
        }
    }

    @Test func `of somebody suspended meanwhile is over`() async throws {
        let alice = try await begin()
        let ada = try await alice.house.requester("ada")
        _ = try await alice.house.authority.administration.setStatus(
            try IdentityID("alice"), .suspended, reason: "", by: ada, once: .unclaimed)
        #expect(await refusal { try await alice.finish() } == .linkInvalid)
    }

    @Test(arguments: [
        "", ".", "-laptop", "lap top", "laptop\r\n", "laptop\u{0}", "Laptop", "lap\u{301}top", "\u{212A}ey",
        "../x",
        "a,b", "%u", "$(x)", String(repeating: "a", count: 58),
    ])
    func `refuses device names that are none`(_ name: String) async throws {
        let alice = try await begin()
        #expect(await refusal { try await alice.finish(device: name) } == .badName)
        #expect(alice.house.hashing.counts.hashes == 0)
    }

    @Test(arguments: [
        "", "elevenbytes", "aaaaaaaaaaaaaaaa", "abababababababab", "PasswordPassword", "123456789012",
        String(repeating: "0123456789", count: 102) + "01234",
    ])
    func `refuses weak passwords`(_ password: String) async throws {
        let alice = try await begin()
        #expect(await refusal { try await alice.finish(password: password) } == .weakPassword)
        #expect(alice.house.hashing.counts.hashes == 0)
    }

    @Test func `A06 takes passwords of 12 to 1,024 bytes`() async throws {
        for length in [12, 73, 1_024] {
            let alice = try await begin()
            let password = String((0..<length).map { Character(UnicodeScalar(UInt8(97 + $0 % 26))) })
            _ = try await alice.finish(password: password)
        }
    }

    @Test func `refuses a code of another secret`() async throws {
        let alice = try await begin()
        let wrong = TOTP.code(
            secret: [UInt8](repeating: 1, count: 20), step: alice.house.clock.now.seconds / 30)
        #expect(await refusal { try await alice.finish(code: wrong) } == .signInFailed)
        _ = try await alice.finish()
    }

    @Test func `that cannot be recorded leaves nothing behind`() async throws {
        let alice = try await begin()
        await alice.house.store.fail { $0.event?.action == .enrolled ? .busy : nil }
        let error = await failure { try await alice.finish() }
        guard case .store(.busy) = error else { return #expect(Bool(false), "\(error as Any)") }
        #expect(await alice.house.store.sessions.isEmpty)
        await alice.house.store.fail(nil)
        _ = try await alice.finish()
    }

    @Test func `C14 refuses a key that belongs to another identity`() async throws {
        let house = try await TestHouse()
        try await house.enrol("alice", key: 1)
        let bob = try await begin("bob", in: house, key: 1)
        #expect(await refusal { try await bob.finish() } == .keyTaken)
        #expect(await house.story.last == "enrolled:key-taken")
    }

    @Test func `ends with a newer link of the same person`() async throws {
        let alice = try await begin()
        let bob = try await begin("bob", in: alice.house, key: 3)
        let second = try await begin("alice", in: alice.house, key: 2)
        #expect(!second.seed.isEmpty)
        #expect(await refusal { try await alice.finish() } == .linkInvalid)
        #expect(
            await refusal {
                try await alice.house.authority.enrolment.begin(
                    token: alice.token, key: alice.key.publicKey, source: "192.0.2.1", requestID: "r")
            } == .linkInvalid)
        _ = try await second.finish()
        _ = try await bob.finish()
    }

    @Test func `does not replace factors that were set meanwhile`() async throws {
        let alice = try await begin()
        let id = try IdentityID("alice")
        let held: [Fact] = [.factorSet(id, .password, sealed: [1]), .factorSet(id, .totp, sealed: [2])]
        _ = try await alice.house.store.record(Entry(held, event: nil))
        #expect(await refusal { try await alice.finish(password: "mallory's password") } == .linkInvalid)
        #expect(await alice.house.store.sealedSecret(of: id, .password) == [1])
        #expect(await alice.house.store.sealedSecret(of: id, .totp) == [2])
    }
}

@Suite struct `A further device` {
    private func finish(
        _ alice: TestPerson, _ house: TestHouse, password: String? = nil, code: String? = nil,
        source: String = "192.0.2.50"
    ) async throws -> Outcome<NewSession> {
        let key = try TestHouse.key(2).publicKey
        let session = alice.session.session
        let identity = try #require(await house.store.identity(session.identity))
        let requester = Requester(
            identity: identity, session: session, device: nil, source: "192.0.2.1", requestID: "r")
        let token = try await house.authority.links.make(for: identity.id, by: requester, once: .unclaimed)
            .value.token.withExposed { $0 }
        let begun = try await house.authority.enrolment.begin(
            token: token, key: key, source: source, requestID: "r")
        guard case .presentFactors = begun.needs else { throw TestFailure("no factors asked for") }
        let request = PersonEnrolment(
            token: token, state: begun.state, deviceName: "tower",
            password: Secret(Array((password ?? alice.password).utf8)),
            code: code ?? alice.code(at: house.clock.now))
        return try await house.authority.personEnrolment.finish(
            request, key: key, source: source, requestID: "r", once: .unclaimed)
    }

    @Test func `takes the factors that the person has`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        let outcome = try await finish(alice, house)
        #expect(outcome.value.session.device == (try IdentityID("device:alice.tower")))
        #expect(await refusal { try await house.signIn(alice) } == .signInFailed)
        #expect(await house.store.presentFailures == 2)
    }

    @Test func `is refused and recorded with wrong factors, as a sign-in is`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        for number in 0..<7 {
            #expect(
                await refused { try await finish(alice, house, password: "wrong guess \(number)") }
                    == Refused(.signInFailed))
        }
        #expect(house.hashing.counts.stored == 5)
        #expect(await house.story.count { $0 == "enrolled:sign-in-failed" } == 7)
        #expect(await house.store.events.last?.details["reason"] == .text("locked"))
        #expect(await refused { try await finish(alice, house) } == Refused(.signInFailed))
    }

    @Test func `refuses a step that was taken, and keeps its failures`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        try await house.signIn(alice)
        _ = await refused {
            try await house.signIn(
                "alice", password: "wrong", code: "guess", key: alice.key, source: "192.0.2.50")
        }
        let before = await house.store.presentFailures
        #expect(await refusal { try await finish(alice, house) } == .signInFailed)
        #expect(await house.store.presentFailures == before + 2)
    }

    @Test func `takes no password longer than 1,024 bytes`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        #expect(
            await refusal { try await finish(alice, house, password: String(repeating: "x", count: 1_025)) }
                == .badRequest)
        #expect(house.hashing.counts.stored == 0)
    }
}
