import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `A sign-in` {
    @Test func `with both factors makes a session of the enrolled device`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        let new = try await house.signIn(alice)
        #expect(new.session.identity == (try IdentityID("alice")))
        #expect(new.session.device == (try IdentityID("device:alice.laptop")))
        #expect(new.session.boundTo == alice.key.publicKey.fingerprint)
        #expect(new.session.factors == [.password: house.clock.now, .totp: house.clock.now])
        #expect(await house.store.sessions.last == new.session)
        #expect(await house.story.last == "sign-in.done")
        #expect(await house.store.reservedAttempts.isEmpty)
    }

    @Test func `with a key that is no device's has none`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        let bob = try await house.enrol("bob", key: 2)
        for key in [try TestHouse.key(99), bob.key] {
            house.clock.step(30)
            let new = try await house.signIn(
                "alice", password: alice.password, code: alice.code(at: house.clock.now), key: key)
            #expect(new.session.device == nil)
        }
    }

    @Test func `asks the same of names that do not exist`() async throws {
        let house = try await TestHouse()
        try await house.enrol("alice", key: 1)
        let key = try TestHouse.key(9).publicKey
        for name in [
            "alice", "nobody", "", "Root", " root", "al\u{0}ice", String(repeating: "x", count: 256),
        ] {
            let begun = try await house.authority.signIn.start(name: name, key: key, source: "192.0.2.1")
            #expect(begun.ask == [.password, .totpOrRecovery])
        }
        let tooLong = String(repeating: "x", count: 257)
        #expect(
            await refusal {
                try await house.authority.signIn.start(name: tooLong, key: key, source: "192.0.2.1")
            } == .badName)
    }

    @Test func `tells unknown, wrong, locked, suspended and half-enrolled apart in the ledger alone`()
        async throws
    {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        let bob = try await house.enrol("bob", key: 2)
        try await house.add("carol")
        let ada = try await house.requester("ada")
        _ = try await house.authority.administration.setStatus(
            bob.session.session.identity, .suspended, reason: "", by: ada, once: .unclaimed)
        house.clock.step(30)
        let right = alice.code(at: house.clock.now)
        let tries: [(reason: String, name: String, password: String, code: String)] = [
            ("unknown", "nobody", alice.password, right),
            ("unknown", "Alice", alice.password, right),
            ("unknown", "alice\r\n", alice.password, right),
            ("no-factors", "carol", alice.password, right),
            ("suspended", "bob", bob.password, bob.code(at: house.clock.now)),
            ("wrong-password", "alice", "not the password", right),
            ("wrong-password", "alice", "not the password", "000000"),
            ("wrong-code", "alice", alice.password, "00000"),
            ("wrong-code", "alice", alice.password, right + "\u{0}"),
        ]
        for (reason, name, password, code) in tries {
            let before = house.hashing.counts
            let answer = await refused {
                try await house.signIn(name, password: password, code: code, key: alice.key)
            }
            #expect(answer == Refused(.signInFailed))
            let after = house.hashing.counts
            #expect(after.stored + after.dummy == before.stored + before.dummy + 1)
            let event = try #require(await house.store.events.last)
            #expect(event.action == .signInRefused)
            #expect(event.refusal == .signInFailed)
            #expect(event.subject == name)
            #expect(event.details["reason"] == .text(reason))
        }
    }

    @Test func `gives the right factor of a wrong pair back`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        let right = alice.code(at: house.clock.now)
        _ = await refused {
            try await house.signIn("alice", password: "wrong one", code: right, key: alice.key)
        }
        #expect(await house.store.reservedAttempts.map(\.factor) == [.password])
        _ = await refused {
            try await house.signIn("alice", password: alice.password, code: "000000", key: alice.key)
        }
        #expect(await house.store.reservedAttempts.map(\.factor) == [.password, .totp])
        try await house.signIn(alice)
        let left = await house.store.reservedAttempts
        #expect(left.count == 2)
        #expect(await house.store.presentFailures == 0)
    }

    @Test(arguments: [72, 73, 1_000, 1_024]) func `A06 looks at every byte of the password`(
        _ length: Int
    ) async throws {
        let house = try await TestHouse()
        let letters = (0..<length).map { String(UnicodeScalar(UInt8(97 + $0 % 26))) }
        let password = letters.joined()
        let alice = try await house.enrol("alice", key: 1, password: password)
        house.clock.step(30)
        for wrong in [String(password.dropLast()), password.dropLast() + "!", "!" + password.dropFirst()] {
            #expect(
                await refusal {
                    try await house.signIn(
                        "alice", password: wrong, code: alice.code(at: house.clock.now), key: alice.key)
                } == .signInFailed)
        }
        try await house.signIn(alice)
    }

    @Test func `A06 looks behind a NUL`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1, password: "correct horse\u{0}battery")
        house.clock.step(30)
        for wrong in ["correct horse", "correct horse\u{0}", "correct horse\u{0}staples"] {
            #expect(
                await refusal {
                    try await house.signIn(
                        "alice", password: wrong, code: alice.code(at: house.clock.now), key: alice.key)
                } == .signInFailed)
        }
        try await house.signIn(alice)
    }

    @Test(arguments: [1_025, 1_048_576])
    func `A06 refuses longer passwords before any hashing`(_ length: Int) async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        let before = house.hashing.counts
        #expect(
            await refusal {
                try await house.signIn(
                    "alice", password: String(repeating: "x", count: length),
                    code: alice.code(at: house.clock.now), key: alice.key)
            } == .badRequest)
        #expect(house.hashing.counts == before)
        #expect(await house.store.reservedAttempts.isEmpty)
    }

    @Test func `does not wait for hashing that is full`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        house.hashing.fail(.busy)
        let error = await failure { try await house.signIn(alice) }
        guard case .hashing(.busy) = error else { return #expect(Bool(false), "\(error as Any)") }
        #expect(await house.store.sessions.count == 1)
    }

    @Test func `that cannot be recorded makes no session`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        await house.store.fail { $0.event?.action == .signedIn ? .busy : nil }
        let error = await failure { try await house.signIn(alice) }
        guard case .store(.busy) = error else { return #expect(Bool(false), "\(error as Any)") }
        #expect(await house.store.sessions.count == 1)
        await house.store.fail(nil)
        try await house.signIn(alice)
    }
}

@Suite struct `A conversation` {
    private func begun() async throws -> (house: TestHouse, alice: TestPerson, state: String) {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        let begun = try await house.authority.signIn.start(
            name: "alice", key: alice.key.publicKey, source: "192.0.2.1")
        return (house, alice, begun.state)
    }

    private func answer(
        _ house: TestHouse, _ alice: TestPerson, _ state: String, key: PublicKey? = nil
    ) async throws -> NewSession {
        try await house.answer(
            state, ["password": alice.password, "totp": alice.code(at: house.clock.now)],
            key: key ?? alice.key.publicKey)
    }

    @Test func `is over after 300 seconds`() async throws {
        let (house, alice, state) = try await begun()
        house.clock.step(300)
        #expect(await refusal { try await answer(house, alice, state) } == .conversationOver)
        house.clock.step(-1)
        #expect(await refusal { try await answer(house, alice, state) } == nil)
    }

    @Test func `belongs to the key that began it`() async throws {
        let (house, alice, state) = try await begun()
        let other = try TestHouse.key(77).publicKey
        #expect(await refusal { try await answer(house, alice, state, key: other) } == .conversationOver)
    }

    @Test func `does not survive a change of its state`() async throws {
        let (house, alice, state) = try await begun()
        let before = house.hashing.counts
        var bytes = Array(state.utf8)
        for place in bytes.indices {
            let former = bytes[place]
            bytes[place] = former == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
            let altered = String(decoding: bytes, as: UTF8.self)
            #expect(await refusal { try await answer(house, alice, altered) } == .conversationOver)
            bytes[place] = former
        }
        for other in ["", "0", "zz", String(state.dropLast(2)), state + "00", state.uppercased() + "G"] {
            #expect(await refusal { try await answer(house, alice, other) } == .conversationOver)
        }
        #expect(house.hashing.counts == before)
    }

    @Test func `is no enrolment`() async throws {
        let (house, alice, _) = try await begun()
        let token = try await house.link(for: "carol")
        let enrolment = try await house.authority.enrolment.begin(
            token: token, key: alice.key.publicKey, source: "192.0.2.1", requestID: "r")
        #expect(await refusal { try await answer(house, alice, enrolment.state) } == .conversationOver)
    }
}

@Suite struct `A TOTP step` {
    @Test(arguments: [-30, 0, 30] as [Int64]) func `next to now is taken`(_ offset: Int64) async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(300)
        let code = alice.code(at: house.clock.now.advanced(by: offset))
        try await house.signIn("alice", password: alice.password, code: code, key: alice.key)
    }

    @Test(arguments: [-60, 60, 3_600] as [Int64]) func `further away is not`(_ offset: Int64) async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(7_200)
        let code = alice.code(at: house.clock.now.advanced(by: offset))
        #expect(
            await refusal {
                try await house.signIn("alice", password: alice.password, code: code, key: alice.key)
            } == .signInFailed)
    }

    @Test func `is taken once, across a restart too, and never an older one after it`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(300)
        let older = alice.code(at: house.clock.now.advanced(by: -30))
        let code = alice.code(at: house.clock.now)
        try await house.signIn("alice", password: alice.password, code: code, key: alice.key)
        let again = try await house.restarted()
        for repeated in [code, older] {
            for one in [house, again] {
                let answer = await refused {
                    try await one.signIn("alice", password: alice.password, code: repeated, key: alice.key)
                }
                #expect(answer == Refused(.signInFailed))
            }
        }
        #expect(
            await house.story.suffix(5) == ["sign-in.done"]
                + Array(repeating: "sign-in.refused:sign-in-failed", count: 4))
        house.clock.step(30)
        try await again.signIn(alice)
    }

    @Test func `of the enrolment is taken too`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        #expect(await refusal { try await house.signIn(alice) } == .signInFailed)
    }

    @Test func `shown 100 times in parallel makes one session`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        let done = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<100 {
                group.addTask {
                    let session = try? await house.signIn(
                        "alice", password: alice.password, code: alice.code(at: house.clock.now),
                        key: alice.key,
                        source: "192.0.2.\(number)")
                    return session != nil
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(done == 1)
        #expect(await house.store.sessions.count == 2)
    }
}
