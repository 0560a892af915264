import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `Another device as a factor` {
    /// alice with a laptop on which she is signed in, and a key of a new machine.
    private struct House {
        let house: TestHouse
        let laptop: Requester
        let key: PrivateKey

        func begin(
            _ name: String = "alice", source: String = "198.51.100.7"
        ) async throws -> (state: String, number: String) {
            let (state, ask) = try await house.authority.signIn.start(
                name: name, with: "device", key: key.publicKey, source: source)
            #expect(ask.map(\.kind) == [.wait])
            return (state, ask.first?.code ?? "")
        }

        func poll(_ state: String) async throws -> SignInConversation.Reached {
            try await house.authority.signIn.answer(
                state: state, ["device": ""], key: key.publicKey, source: "198.51.100.7",
                requestID: "poll", once: .unclaimed
            ).value
        }

        func approve(
            _ number: String, by requester: Requester? = nil
        ) async throws -> PendingSignIn.Decision {
            let waiting = try await house.authority.pendingSignIns.list(by: laptop)
            return try await house.authority.pendingSignIns.approve(
                waiting.first?.id ?? "", number: number, by: requester ?? laptop, once: .unclaimed
            ).value
        }
    }

    private func house() async throws -> House {
        let house = try await TestHouse(ways: [.standard, try SignInWay("device")])
        let alice = try await house.enrol("alice", key: 1)
        return House(house: house, laptop: try await house.asks(alice), key: try TestHouse.key(77))
    }

    @Test func `lets in whoever shows its number, once`() async throws {
        let house = try await house()
        let (state, number) = try await house.begin()
        #expect(number.utf8.count == 4 && number.utf8.allSatisfy { (0x30...0x39).contains($0) })
        guard case .more(let next, _) = try await house.poll(state) else {
            return #expect(Bool(false), "it does not wait")
        }
        let waiting = try await house.house.authority.pendingSignIns.list(by: house.laptop)
        #expect(waiting.map(\.source) == ["198.51.100.7"])
        #expect(waiting.map(\.key) == [house.key.publicKey.fingerprint])
        #expect(try await house.approve(number) == .approved)
        guard case .done(let new) = try await house.poll(next) else {
            return #expect(Bool(false), "it still waits")
        }
        #expect(new.session.factors == [.device: house.house.clock.now])
        #expect(new.session.device == nil)
        #expect(await refusal { try await house.poll(next) } == .signInFailed)
        #expect(try await house.house.authority.pendingSignIns.list(by: house.laptop).isEmpty)
    }

    @Test func `ends with a wrong number, or when it is denied, and the person is told`() async throws {
        let house = try await house()
        for isDenied in [false, true] {
            let (state, number) = try await house.begin()
            if isDenied {
                let waiting = try await house.house.authority.pendingSignIns.list(by: house.laptop)
                _ = try await house.house.authority.pendingSignIns.deny(
                    try #require(waiting.first?.id), by: house.laptop, once: .unclaimed)
            } else {
                #expect(await refusal { try await house.approve(number + "0") } == .signInFailed)
            }
            #expect(await refusal { try await house.approve(number) } == .notFound)
            guard case .more = try await house.poll(state) else {
                return #expect(Bool(false), "it tells that somebody was asked")
            }
            house.house.clock.step(120)
            #expect(await refusal { try await house.poll(state) } == .signInFailed)
            #expect(await house.house.store.events.last?.details["reason"] == .text("denied"))
        }
        let told = await house.house.store.notices(of: try IdentityID("alice"))
        #expect(told.contains { $0.kind == .signInDenied })
        #expect(await house.house.story.contains("sign-in.denied"))
    }

    @Test func `waits for two minutes`() async throws {
        let house = try await house()
        let (state, number) = try await house.begin()
        house.house.clock.step(119)
        guard case .more = try await house.poll(state) else { return #expect(Bool(false), "it is over") }
        house.house.clock.step(1)
        #expect(await refusal { try await house.poll(state) } == .signInFailed)
        #expect(await refusal { try await house.approve(number) } == .notFound)
    }

    @Test func `is the person's own, enrolled, and not the one that signs in`() async throws {
        let house = try await house()
        let bob = try await house.house.asks(try await house.house.enrol("bob", key: 2))
        let (_, number) = try await house.begin()
        #expect(await refusal { try await house.approve(number, by: bob) } == .notFound)
        let elsewhere = try await house.house.requester("alice")
        #expect(elsewhere.device == nil)
        #expect(await refusal { try await house.approve(number, by: elsewhere) } == .deviceRequired)
        #expect(try await house.approve(number) == .approved)
    }

    @Test func `needs a factor of the last 15 minutes there, which is not this one`() async throws {
        let house = try await house()
        house.house.clock.step(901)
        let (_, number) = try await house.begin()
        #expect(await refusal { try await house.approve(number) } == .factorTooOld)
    }

    @Test func `is asked in vain for names that do not exist, and nobody can tell`() async throws {
        let house = try await house()
        let (state, number) = try await house.begin("nobody")
        #expect(number.utf8.count == 4)
        #expect(try await house.house.authority.pendingSignIns.list(by: house.laptop).isEmpty)
        guard case .more = try await house.poll(state) else { return #expect(Bool(false), "it is over") }
    }

    @Test func `is not asked more often than a password may be guessed`() async throws {
        let house = try await house()
        for _ in 0..<8 { _ = try await house.begin() }
        #expect(try await house.house.authority.pendingSignIns.list(by: house.laptop).count == 5)
    }
}
