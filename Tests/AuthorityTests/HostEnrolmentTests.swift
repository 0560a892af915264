import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `A host's enrolment` {
    private static let context = "keyreeve host enrolment v1\0"

    private struct Begun {
        let house: TestHouse
        let token: String
        let state: String
        let challenge: [UInt8]
        let agentKey: PrivateKey

        func proof(
            _ number: UInt8, by signer: UInt8? = nil, over bytes: [UInt8]? = nil
        ) throws -> ProvenHostKey {
            let signed = bytes ?? Array(`A host's enrolment`.context.utf8) + challenge
            return ProvenHostKey(
                publicKey: try TestHouse.key(number).publicKey,
                signature: try TestHouse.key(signer ?? number).sign(signed))
        }

        func finish(_ keys: [ProvenHostKey], key: PublicKey? = nil) async throws -> Outcome<Identity> {
            try await house.authority.hostEnrolment.finish(
                token: token, state: state, hostKeys: keys, context: `A host's enrolment`.context,
                agentKey: key ?? agentKey.publicKey, source: "192.0.2.9", requestID: "r", once: .unclaimed)
        }
    }

    private func begin(
        _ name: String = "web1.example.com", in house: TestHouse? = nil, agentKey number: UInt8 = 20
    ) async throws -> Begun {
        let house = if let house { house } else { try await TestHouse() }
        let token = try await house.link(for: "host:\(name)")
        let agentKey = try TestHouse.key(number)
        let begun = try await house.authority.enrolment.begin(
            token: token, key: agentKey.publicKey, source: "192.0.2.9", requestID: "r")
        guard case .hostKeys(let challenge) = begun.needs else { throw TestFailure("not a host") }
        return Begun(house: house, token: token, state: begun.state, challenge: challenge, agentKey: agentKey)
    }

    private func states(_ house: TestHouse) async throws -> [Fingerprint: KeyState] {
        Dictionary(
            uniqueKeysWithValues: await house.store.registeredKeys.map {
                ($0.publicKey.fingerprint, $0.state)
            })
    }

    @Test func `registers the agent's key and the proven host keys`() async throws {
        let web1 = try await begin()
        let before = await web1.house.store.hostStateVersion()
        let outcome = try await web1.finish([try web1.proof(21), try web1.proof(22)])
        #expect(outcome.value.id == (try IdentityID("host:web1.example.com")))
        let keys = await web1.house.store.keys(of: outcome.value.id)
        #expect(keys.map(\.origin).sorted() == ["enrolment", "host-key", "host-key"])
        #expect(await web1.house.store.hostStateVersion() > before)
        #expect(await web1.house.story == ["link.made", "link.redeemed", "enrolled"])
    }

    @Test func `wants each host key's own signature over the challenge`() async throws {
        let web1 = try await begin()
        let wrong = [
            try web1.proof(21, by: 22), try web1.proof(21, over: web1.challenge),
            try web1.proof(21, over: Array(Self.context.utf8) + [UInt8](repeating: 0, count: 32)),
        ]
        for proof in wrong {
            #expect(await refusal { try await web1.finish([try web1.proof(23), proof]) } == .proofInvalid)
        }
        #expect(await refusal { try await web1.finish([]) } == .badRequest)
        #expect(
            await refusal { try await web1.finish(Array(repeating: try web1.proof(21), count: 9)) }
                == .badRequest)
        #expect(await web1.house.store.registeredKeys.isEmpty)
        _ = try await web1.finish([try web1.proof(21)])
    }

    @Test func `belongs to the key that began it, and ends once`() async throws {
        let web1 = try await begin()
        let other = try TestHouse.key(30).publicKey
        #expect(await refusal { try await web1.finish([try web1.proof(21)], key: other) } == .linkInvalid)
        _ = try await web1.finish([try web1.proof(21)])
        #expect(await refusal { try await web1.finish([try web1.proof(21)]) } == .linkInvalid)
    }

    @Test func `is no person's`() async throws {
        let web1 = try await begin()
        let request = PersonEnrolment(
            token: web1.token, state: web1.state, deviceName: "laptop",
            password: Secret(Array(TestHouse.password.utf8)), code: "123456")
        #expect(
            await refusal {
                try await web1.house.authority.personEnrolment.finish(
                    request, key: web1.agentKey.publicKey, source: "192.0.2.9", requestID: "r",
                    once: .unclaimed)
            } == .linkInvalid)
    }

    @Test func `C14 refuses host keys of another host`() async throws {
        let web1 = try await begin()
        _ = try await web1.finish([try web1.proof(21)])
        let db1 = try await begin("db1.example.com", in: web1.house, agentKey: 30)
        #expect(await refusal { try await db1.finish([try db1.proof(21)]) } == .keyTaken)
    }

    @Test func `again ends the keys that are not among the new ones`() async throws {
        let first = try await begin()
        let before = try await first.finish([try first.proof(21), try first.proof(22)]).value
        let said = HostAcknowledgement(
            host: before.id, state: HostStateNumber(epoch: 1, version: 1), issuedAt: 1, isEnforced: true,
            at: first.house.clock.now)
        _ = try await first.house.store.record(Entry([.hostAcknowledged(said)], event: nil))
        let second = try await begin(in: first.house, agentKey: 30)
        _ = try await second.finish([try second.proof(22), try second.proof(31)])
        #expect(await first.house.store.hosts(HostQuery()).first?.acknowledged == nil)
        let expected: [UInt8: KeyState] = [
            20: .deactivated, 21: .deactivated, 22: .active, 30: .active, 31: .active,
        ]
        let states = try await states(first.house)
        for (number, state) in expected {
            #expect(states[try TestHouse.key(number).publicKey.fingerprint] == state)
        }
        #expect(
            await refusal {
                try await first.house.authority.sessions.authenticate(
                    key: first.agentKey.publicKey, source: "192.0.2.9", requestID: "r")
            } == .notSignedIn)
    }

    @Test func `again with a key that ended is refused, since it would stay dead`() async throws {
        let first = try await begin()
        _ = try await first.finish([try first.proof(21)])
        let second = try await begin(in: first.house, agentKey: 30)
        _ = try await second.finish([try second.proof(31)])
        let third = try await begin(in: first.house, agentKey: 30)
        #expect(await refusal { try await third.finish([try third.proof(21)]) } == .keyRevoked)
        let fourth = try await begin(in: first.house, agentKey: 20)
        #expect(await refusal { try await fourth.finish([try fourth.proof(31)]) } == .keyRevoked)
        #expect(await first.house.story.count { $0 == "enrolled:key-revoked" } == 2)
    }

    @Test func `with a key that was revoked before is refused`() async throws {
        let web1 = try await begin()
        let key = try TestHouse.key(21).publicKey.fingerprint
        let revocation = Revocation(target: .key(key), reason: "leaked", at: web1.house.clock.now)
        _ = try await web1.house.store.record(Entry([.revoked(revocation)], event: nil))
        #expect(await refusal { try await web1.finish([try web1.proof(21)]) } == .keyRevoked)
    }
}
