import Authority
import Names
import SSHFormats
import Testing

@Suite struct `A storage engine finds what there is to look after` {
    @Test(arguments: Engine.allCases) func `by whose, state, age and fingerprint`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let (alice, bob) = (try Sample.person("alice"), try Sample.person("bob"))
        let laptop = try Sample.device("alice.laptop", of: alice.id)
        try await store.keep(.identityAdded(alice), .identityAdded(bob), .identityAdded(laptop))
        let old = try Sample.key(1, of: laptop.id)
        let new = RegisteredKey(
            publicKey: try Sample.privateKey(2).publicKey, identity: laptop.id, purpose: .authenticate,
            origin: "enrolment", createdAt: Sample.noon.advanced(by: 10),
            predecessor: old.publicKey.fingerprint)
        let other = try Sample.key(3, of: bob.id)
        try await store.keep(.keyRegistered(old), .keyRegistered(new), .keyRegistered(other))
        try await store.keep(.keyChanged(old.publicKey.fingerprint, .deactivated))
        let used = Sample.noon.advanced(by: 20)
        try await store.keep(
            .keyUsed(new.publicKey.fingerprint, at: used, from: "2001:db8::1"),
            .keyUsed(new.publicKey.fingerprint, at: Sample.noon, from: "192.0.2.1"),
            .keyUsed(try Sample.privateKey(9).publicKey.fingerprint, at: used, from: "192.0.2.1"))

        let all = try await store.keys(KeyQuery())
        #expect(Set(all.map(\.key.publicKey)) == [old.publicKey, new.publicKey, other.publicKey])
        #expect(try await store.keys(KeyQuery(limit: 2)) == Array(all.prefix(2)))
        let behind = all.first?.key.publicKey.fingerprint
        #expect(try await store.keys(KeyQuery(after: behind)) == Array(all.dropFirst()))
        let ofAlice = try await store.keys(KeyQuery(of: alice.id))
        #expect(Set(ofAlice.map(\.key.publicKey)) == [old.publicKey, new.publicKey])
        #expect(ofAlice.allSatisfy { $0.owner == alice.id })
        #expect(try await store.keys(KeyQuery(of: laptop.id)) == ofAlice)
        let ended = try await store.keys(KeyQuery(state: .deactivated))
        #expect(ended.map(\.key.publicKey) == [old.publicKey])
        #expect(ended.map(\.successor) == [new.publicKey.fingerprint])
        let early = try await store.keys(KeyQuery(of: alice.id, createdBefore: Sample.noon))
        #expect(early.map(\.key.publicKey) == [old.publicKey])
        let found = try await store.keys(KeyQuery(fingerprint: new.publicKey.fingerprint))
        #expect(found.map(\.key.lastUsedAt) == [used])
        #expect(found.map(\.key.lastUsedFrom) == ["2001:db8::1"])
        #expect(found.map(\.key.predecessor) == [old.publicKey.fingerprint])
        #expect(try await store.key(new.publicKey.fingerprint) == found.first?.key)
    }

    @Test(arguments: Engine.allCases) func `by owner, and sessions that were not ended`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let alice = try Sample.person("alice")
        var laptop = try Sample.device("alice.laptop", of: alice.id)
        let host = try Sample.host("web1", owner: alice.id)
        try await store.keep(.identityAdded(alice), .identityAdded(laptop), .identityAdded(host))
        laptop.status = .suspended
        laptop.statusBy = alice.id
        try await store.keep(.identityChanged(laptop))
        #expect(try await store.devices(of: alice.id) == [laptop])
        #expect(try await store.devices(of: laptop.id).isEmpty)
        let sessions = try (1...3).map { try Sample.session("s\($0)", of: alice.id, device: laptop.id) }
        for (number, session) in sessions.enumerated() {
            try await store.keep(.sessionStarted(session, tokenHash: Sample.hash(UInt8(number + 1))))
        }
        try await store.keep(.sessionEnded(id: "s2", at: Sample.noon))
        let before = Sample.noon.advanced(by: -1)
        let found = try await store.sessions(of: alice.id, startedAfter: before, limit: 9)
        #expect(found == [sessions[0], sessions[2]])
        #expect(try await store.sessions(of: alice.id, startedAfter: before, limit: 1) == [sessions[0]])
        #expect(try await store.sessions(of: alice.id, startedAfter: Sample.noon, limit: 9).isEmpty)
        #expect(try await store.session(id: "s3") == sessions[2])
        #expect(try await store.session(id: "s2")?.endedAt == Sample.noon)
        #expect(try await store.session(id: "s9") == nil)
    }

    @Test(arguments: Engine.allCases) func `and what waits for another device is decided and used once`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let (alice, bob) = (try Sample.person("alice"), try Sample.person("bob"))
        try await store.keep(.identityAdded(alice), .identityAdded(bob))
        let key = try Sample.privateKey(5).publicKey.fingerprint
        let made = (0..<3).map { number in
            PendingSignIn(
                id: "p\(number)", identity: number == 2 ? bob.id : alice.id,
                purpose: number == 1 ? .recovery : .signIn, number: "000\(number)", key: key,
                source: "2001:db8::1", askedAt: Sample.noon.advanced(by: Int64(number)))
        }
        for one in made { try await store.keep(.signInPending(one)) }
        let before = Sample.noon.advanced(by: -1)
        #expect(try await store.pendingSignIns(of: alice.id, after: before) == Array(made.prefix(2)))
        #expect(try await store.pendingSignIns(of: alice.id, after: Sample.noon) == [made[1]])
        #expect(try await store.pendingSignIn(id: "p2") == made[2])
        #expect(try await store.pendingSignIn(id: "p9") == nil)
        let decide = { (decision: PendingSignIn.Decision) in
            await conflict {
                try await store.record(Entry([.signInDecided(id: "p0", decision)], event: nil))
            }
        }
        #expect(await decide(.used) == .conflict(.stepUsed))
        #expect(await decide(.approved) == nil)
        #expect(await decide(.denied) == .conflict(.stepUsed))
        #expect(await decide(.used) == nil)
        #expect(await decide(.used) == .conflict(.stepUsed))
        #expect(try await store.pendingSignIn(id: "p0")?.decision == .used)
        let later = PendingSignIn(
            id: "p3", identity: alice.id, number: "0003", key: key, source: "192.0.2.1",
            askedAt: Sample.noon.advanced(by: 86_402))
        try await store.keep(.signInPending(later))
        #expect(try await store.pendingSignIn(id: "p0") == nil)
        #expect(try await store.pendingSignIn(id: "p2") == made[2])
    }

    @Test(arguments: Engine.allCases) func `and when a key was reauthorized, if it is in use`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let alice = try Sample.person("alice")
        try await store.keep(.identityAdded(alice))
        let key = try Sample.key(3, of: alice.id)
        let fingerprint = key.publicKey.fingerprint
        let later = Sample.noon.advanced(by: 9)
        let missing = await conflict { try await store.keep(.keyReauthorized(fingerprint, at: later)) }
        #expect(missing == .conflict(.missing))
        try await store.keep(.keyRegistered(key))
        #expect(try await store.key(fingerprint)?.reauthorizedAt == nil)
        try await store.keep(.keyReauthorized(fingerprint, at: later))
        #expect(try await store.key(fingerprint)?.reauthorizedAt == later)
        #expect(try await store.keys(KeyQuery(fingerprint: fingerprint)).first?.key.reauthorizedAt == later)
        try await store.keep(.keyChanged(fingerprint, .suspended))
        let ended = await conflict { try await store.keep(.keyReauthorized(fingerprint, at: later)) }
        #expect(ended == .conflict(.missing))
    }

    @Test(arguments: Engine.allCases) func `A10 and a recovery code is used once`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let (alice, bob) = (try Sample.person("alice"), try Sample.person("bob"))
        try await store.keep(.identityAdded(alice), .identityAdded(bob))
        let hashes = (1...3).map { Sample.hash($0) }
        try await store.keep(.recoveryCodesSet(alice.id, hashes: hashes))
        #expect(try await store.recoveryCodes(of: alice.id) == hashes)
        #expect(try await store.recoveryCodes(of: bob.id).isEmpty)
        let use: @Sendable (IdentityID, UInt8) async -> StoreError? = { id, number in
            await conflict {
                try await store.keep(.recoveryCodeUsed(id, hash: Sample.hash(number), at: Sample.noon))
            }
        }
        let outcomes = await withTaskGroup(of: StoreError?.self) { group in
            for _ in 0..<20 { group.addTask { await use(alice.id, 2) } }
            return await group.reduce(into: [StoreError?]()) { $0.append($1) }
        }
        #expect(outcomes.count { $0 == nil } == 1)
        #expect(outcomes.count { $0 == .conflict(.stepUsed) } == 19)
        #expect(await use(bob.id, 1) == .conflict(.stepUsed))
        #expect(await use(alice.id, 9) == .conflict(.stepUsed))
        #expect(try await store.recoveryCodes(of: alice.id) == [hashes[0], hashes[2]])
        try await store.keep(.recoveryCodesSet(alice.id, hashes: [Sample.hash(2), Sample.hash(7)]))
        #expect(try await store.recoveryCodes(of: alice.id) == [Sample.hash(2), Sample.hash(7)])
        #expect(await use(alice.id, 2) == nil, "it is a new code, however it looks")
    }

    @Test(arguments: Engine.allCases) func `and keeps the last notice of each kind, and shown factors`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let alice = try Sample.person("alice")
        try await store.keep(.identityAdded(alice))
        let later = Notice(.attemptsLocked, at: Sample.noon.advanced(by: 9), source: "192.0.2.9")
        for notice in [
            Notice(.attemptsLocked, at: Sample.noon, source: "192.0.2.1"), later,
            Notice(.attemptsLocked, at: Sample.noon, source: "192.0.2.2"),
            Notice(.recoveryCodeUsed, at: Sample.noon, source: "2001:db8::1"),
        ] {
            try await store.keep(.noticed(alice.id, notice))
        }
        let notices = try await store.notices(of: alice.id)
        #expect(
            Set(notices) == [later, Notice(.recoveryCodeUsed, at: Sample.noon, source: "2001:db8::1")])
        let session = try Sample.session("s1", of: alice.id)
        try await store.keep(.sessionStarted(session, tokenHash: Sample.hash(1)))
        let shown: ProvenFactors = [.password: Sample.noon, .totp: Sample.noon.advanced(by: 1_000)]
        _ = try await store.session(tokenHash: Sample.hash(1))
        try await store.keep(.factorsShown(session: "s1", shown))
        #expect(try await store.session(tokenHash: Sample.hash(1))?.session.factors == shown)
        try await store.keep(.sessionEnded(id: "s1", at: Sample.noon))
        try await store.keep(.factorsShown(session: "s1", [:]))
        #expect(try await store.session(id: "s1")?.factors == shown)
    }
}
