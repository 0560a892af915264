import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `A session` {
    private func begun() async throws -> (house: TestHouse, alice: TestPerson, hash: [UInt8]) {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        return (house, alice, alice.session.token.withExposed { TokenHash.of($0) })
    }

    private func authenticate(
        _ house: TestHouse, _ hash: [UInt8], _ key: PublicKey
    ) async throws -> Requester {
        try await house.authority.sessions.authenticate(
            tokenHash: hash, key: key, source: "192.0.2.1", requestID: "r")
    }

    @Test func `says who asks, with device and factors`() async throws {
        let (house, alice, hash) = try await begun()
        let requester = try await authenticate(house, hash, alice.key.publicKey)
        #expect(requester.identity.id == (try IdentityID("alice")))
        #expect(requester.device?.id == (try IdentityID("device:alice.laptop")))
        #expect(requester.hasEnrolledDevice)
        #expect(requester.factors.keys.sorted { $0.rawValue < $1.rawValue } == [.password, .totp])
    }

    @Test func `is worth nothing with another key or token`() async throws {
        let (house, alice, hash) = try await begun()
        let other = try TestHouse.key(9).publicKey
        #expect(await refusal { try await authenticate(house, hash, other) } == .notSignedIn)
        #expect(await refusal { try await authenticate(house, [], alice.key.publicKey) } == .notSignedIn)
    }

    @Test func `ends two hours after its last use`() async throws {
        let (house, alice, hash) = try await begun()
        house.clock.step(7_199)
        _ = try await authenticate(house, hash, alice.key.publicKey)
        house.clock.step(7_199)
        _ = try await authenticate(house, hash, alice.key.publicKey)
        house.clock.step(7_200)
        #expect(await refusal { try await authenticate(house, hash, alice.key.publicKey) } == .notSignedIn)
    }

    @Test func `ends twelve hours after its beginning, however it is used`() async throws {
        let (house, alice, hash) = try await begun()
        for _ in 0..<11 {
            house.clock.step(3_600)
            _ = try await authenticate(house, hash, alice.key.publicKey)
        }
        house.clock.step(3_599)
        _ = try await authenticate(house, hash, alice.key.publicKey)
        house.clock.step(1)
        #expect(await refusal { try await authenticate(house, hash, alice.key.publicKey) } == .notSignedIn)
    }

    @Test func `writes its use once a minute at most`() async throws {
        let (house, alice, hash) = try await begun()
        let start = house.clock.now
        house.clock.step(59)
        _ = try await authenticate(house, hash, alice.key.publicKey)
        #expect(await house.store.sessions.map(\.lastUsedAt) == [start])
        house.clock.step(1)
        _ = try await authenticate(house, hash, alice.key.publicKey)
        #expect(await house.store.sessions.map(\.lastUsedAt) == [start.advanced(by: 60)])
    }

    @Test func `ends when its holder says so`() async throws {
        let (house, alice, hash) = try await begun()
        let requester = try await authenticate(house, hash, alice.key.publicKey)
        _ = try await house.authority.sessions.end(requester, once: .unclaimed)
        #expect(await refusal { try await authenticate(house, hash, alice.key.publicKey) } == .notSignedIn)
        #expect(await house.story.last == "session.ended")
    }

    @Test func `ends with its identity's suspension and does not come back`() async throws {
        let (house, alice, hash) = try await begun()
        let ada = try await house.requester("ada")
        let id = try IdentityID("alice")
        _ = try await house.authority.administration.setStatus(
            id, .suspended, reason: "", by: ada, once: .unclaimed)
        #expect(await refusal { try await authenticate(house, hash, alice.key.publicKey) } == .notSignedIn)
        _ = try await house.authority.administration.setStatus(
            id, .active, reason: "", by: ada, once: .unclaimed)
        #expect(await refusal { try await authenticate(house, hash, alice.key.publicKey) } == .notSignedIn)
    }

    @Test func `tells its holder alone that the identity or device is suspended`() async throws {
        let (house, alice, hash) = try await begun()
        for text in ["alice", "device:alice.laptop"] {
            let identity = try #require(await house.store.identity(try IdentityID(text)))
            var suspended = identity
            suspended.status = .suspended
            _ = try await house.store.record(Entry([.identityChanged(suspended)], event: nil))
            #expect(
                await refusal { try await authenticate(house, hash, alice.key.publicKey) }
                    == .identitySuspended)
            #expect(
                await refusal { try await authenticate(house, hash, try TestHouse.key(9).publicKey) }
                    == .notSignedIn)
            _ = try await house.store.record(Entry([.identityChanged(identity)], event: nil))
        }
    }

    @Test func `ends with the suspension of its device`() async throws {
        let (house, alice, hash) = try await begun()
        let ada = try await house.requester("ada")
        _ = try await house.authority.administration.setStatus(
            try IdentityID("device:alice.laptop"), .suspended, reason: "lost", by: ada, once: .unclaimed)
        #expect(await refusal { try await authenticate(house, hash, alice.key.publicKey) } == .notSignedIn)
        house.clock.step(30)
        #expect(await refusal { try await house.signIn(alice) } == .identitySuspended)
    }

    @Test func `ends with the revocation of its device's key`() async throws {
        let (house, alice, hash) = try await begun()
        let requester = try await authenticate(house, hash, alice.key.publicKey)
        _ = try await house.authority.revocations.revoke(
            .key(alice.key.publicKey.fingerprint), reason: "stolen", by: requester, once: .unclaimed)
        #expect(await refusal { try await authenticate(house, hash, alice.key.publicKey) } == .notSignedIn)
        house.clock.step(30)
        #expect(await refusal { try await house.signIn(alice) } == .keyRevoked)
        #expect(await house.story.last == "sign-in.refused:key-revoked")
    }
}

@Suite struct `A host's key` {
    private func authenticate(_ house: TestHouse, _ number: UInt8) async throws -> Requester {
        try await house.authority.sessions.authenticate(
            key: try TestHouse.key(number).publicKey, source: "192.0.2.9", requestID: "r")
    }

    @Test func `says which host asks`() async throws {
        let (house, host) = try await TestHouse.withHost()
        #expect(try await authenticate(house, 20).identity == host.identity)
        #expect(await refusal { try await authenticate(house, 99) } == .notSignedIn)
    }

    @Test func `of a suspended host, or no longer active, says nothing`() async throws {
        let (house, host) = try await TestHouse.withHost()
        let ada = try await house.requester("ada")
        _ = try await house.authority.administration.setStatus(
            host.identity.id, .suspended, reason: "", by: ada, once: .unclaimed)
        #expect(await refusal { try await authenticate(house, 20) } == .identitySuspended)
        let key = try TestHouse.key(20).publicKey.fingerprint
        _ = try await house.store.record(Entry([.keyChanged(key, .deactivated)], event: nil))
        #expect(await refusal { try await authenticate(house, 20) } == .notSignedIn)
    }

    @Test func `of a person's device is no identity of its own`() async throws {
        let house = try await TestHouse()
        try await house.enrol("alice", key: 1)
        #expect(await refusal { try await authenticate(house, 1) } == .notSignedIn)
    }
}
