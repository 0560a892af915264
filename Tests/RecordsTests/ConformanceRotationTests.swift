import Authority
import Names
import SSHFormats
import Testing

@Suite struct `Every storage engine keeps CA keys` {
    @Test(arguments: Engine.allCases)
    func `C15 that go forwards only, each with the state of hosts that carries it`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let (old, new) = (try key(1), try key(2))
        try await store.keep(.caKey(.first(sample(old, .signing))))
        try await store.keep(.caKey(.first(sample(new, .signing))))
        #expect(try await store.caKeySets().keys.map(\.publicKey) == [old])
        #expect(await conflict { try await store.keep(.caKey(signing(new))) } == .conflict(.caKeyMoved))

        let before = try await store.hostStateVersion()
        try await store.keep(.caKey(.prepared(sample(new, .prepared, sealed: [1, 2, 3]))))
        #expect(
            await conflict {
                try await store.keep(.caKey(.prepared(sample(try key(3), .prepared))))
            } == .conflict(.exists))
        var sets = try await store.caKeySets()
        #expect(sets.keys.map(\.state) == [.signing, .prepared])
        #expect(sets.keys.last?.sealed == [1, 2, 3])
        #expect(sets.keys.last?.carried == HostStateNumber(epoch: 1, version: before + 1))
        #expect(sets.version == before + 1)

        try await store.keep(.caKey(signing(new, end: UnixTime(4_000_000_000))))
        sets = try await store.caKeySets()
        #expect(sets.keys.map(\.state) == [.retiring, .signing])
        #expect(sets.keys.first?.lastExpiry == UnixTime(4_000_000_000))
        #expect(await conflict { try await store.keep(.caKey(signing(old))) } == .conflict(.caKeyMoved))
        #expect(await conflict { try await store.keep(.caKey(retired(new))) } == .conflict(.caKeyMoved))
        try await store.keep(.caKey(retired(old)))
        sets = try await store.caKeySets()
        #expect(sets.keys.map(\.state) == [.retired, .signing])
        #expect(sets.keys.first?.isStolen == true && sets.keys.first?.sealed == [])
        #expect(await conflict { try await store.keep(.caKey(retired(old))) } == .conflict(.caKeyMoved))
    }

    @Test(arguments: Engine.allCases)
    func `and record no certificate of a key that signs no more, or not yet`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let keys = try [PrivateKey(ed25519Seed: seed(1)), PrivateKey(ed25519Seed: seed(2))]
        let (old, new) = (keys[0].publicKey, keys[1].publicKey)
        try await store.keep(.caKey(.first(sample(old, .signing))))
        try await store.keep(.caKey(.prepared(sample(new, .prepared))))
        let alice = try IdentityID("alice")
        try await store.keep(.identityAdded(try Sample.person("alice")))
        let serials = try await store.reserveSerials(node: "node", count: 8)
        func issue(_ offset: UInt64, by signer: PrivateKey) async -> StoreError? {
            await conflict {
                let made = try certificate(serials.lowerBound + offset, by: signer)
                return try await store.keep(
                    .certificateIssued(
                        IssuedCertificate(
                            authority: .user, certificate: made, identity: alice, device: nil,
                            grant: nil, sessionID: nil, issuedAt: Sample.noon)))
            }
        }
        #expect(await issue(0, by: keys[1]) == .conflict(.caKeyMoved))
        #expect(await issue(0, by: keys[0]) == nil)
        try await store.keep(.caKey(signing(new)))
        #expect(try await store.caKeySets().keys.first?.lastExpiry == Sample.noon.advanced(by: 3_600))
        #expect(await issue(1, by: keys[0]) == .conflict(.caKeyMoved))
        #expect(await issue(1, by: keys[1]) == nil)
        #expect(await issue(1, by: keys[1]) == .conflict(.exists))
        let running = try await store.running(.user, at: Sample.noon)
        #expect(running.count == 2 && running.lastExpiry == Sample.noon.advanced(by: 3_600))
    }

    @Test(arguments: Engine.allCases) func `with whom nobody waits for, and who knows them`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let new = try key(2)
        try await store.keep(.identityAdded(try Sample.person("alice")))
        let alice = try IdentityID("alice")
        let waiver = CAWaiver(key: new.fingerprint, holder: alice, by: alice, at: Sample.noon)
        #expect(await conflict { try await store.keep(.caKey(.waived(waiver))) } == .conflict(.caKeyMoved))
        try await store.keep(.caKey(.prepared(sample(new, .prepared))))
        for _ in 0..<2 { try await store.keep(.caKey(.waived(waiver))) }
        #expect(try await store.caKeySets().waivers == [waiver])
        #expect(try await !store.knows(new.fingerprint, alice))
        for _ in 0..<2 {
            try await store.keep(.caKey(.held(new.fingerprint, by: alice, at: Sample.noon)))
        }
        #expect(try await store.knows(new.fingerprint, alice))
    }

    private func seed(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 32) }
    private func key(_ number: UInt8) throws -> PublicKey {
        try PrivateKey(ed25519Seed: seed(number)).publicKey
    }

    private func sample(_ key: PublicKey, _ state: CAKeyState, sealed: [UInt8] = []) -> CAKey {
        CAKey(authority: .user, publicKey: key, state: state, since: Sample.noon, sealed: sealed)
    }

    private func signing(_ key: PublicKey, end: UnixTime? = nil) -> CAFact {
        .signing(.user, key.fingerprint, at: Sample.noon, end: end)
    }

    private func retired(_ key: PublicKey) -> CAFact {
        .retired(.user, key.fingerprint, at: Sample.noon, isStolen: true)
    }

    private func certificate(_ serial: UInt64, by signer: PrivateKey) throws -> Certificate {
        let draft = try CertificateDraft(
            kind: .user, publicKey: try key(9), serial: serial, keyID: "alice",
            principals: Principals(["deploy@web1"]),
            validity: Validity(validAfter: Sample.noon, validBefore: Sample.noon.advanced(by: 3_600)),
            nonce: seed(7), signatureKey: signer.publicKey)
        return try draft.sealed(with: try signer.sign(draft.toBeSigned))
    }
}
