import Authority
import Names
import SSHFormats
import Testing

@Suite struct `A storage engine oversees` {
    @Test(arguments: Engine.allCases) func `failures, factors, sessions, shared keys and addresses`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let (alice, bob) = (try Sample.person("alice"), try Sample.person("bob"))
        let laptop = try Sample.device("alice.laptop", of: alice.id)
        for identity in [alice, bob, laptop] { try await store.keep(.identityAdded(identity)) }
        #expect(try await store.oversight(at: Sample.noon) == OversightFacts())

        for account in ["alice", "alice", "?7"] {
            let attempt = Attempt(account: account, factor: .totp, source: "192.0.2.1", at: Sample.noon)
            _ = try await store.reserve(attempt, limits: AttemptLimits())
        }
        _ = try await store.record(
            Entry([.factorSet(alice.id, .password, sealed: [1])], event: Sample.event(1)))
        try await store.keep(.factorSet(alice.id, .totp, sealed: [2]))
        try await store.keep(
            .sessionStarted(try Sample.session("s1", of: alice.id), tokenHash: Sample.hash(1)))
        try await store.keep(.sessionUsed(id: "s1", at: Sample.noon.advanced(by: 70)))
        try await store.keep(
            .certificateIssued(try Sample.certificate(1, for: alice.id, key: 9)),
            .certificateIssued(try Sample.certificate(2, for: bob.id, key: 9)),
            .certificateIssued(try Sample.certificate(3, for: bob.id, key: 10)))
        let key = try Sample.key(3, of: laptop.id)
        let fingerprint = key.publicKey.fingerprint
        try await store.keep(.keyRegistered(key))
        for (source, after) in [("203.0.113.9", Int64(-3_700)), ("192.0.2.1", -10), ("2001:db8::1", 0)] {
            try await store.keep(.keyUsed(fingerprint, at: Sample.noon.advanced(by: after), from: source))
        }
        try await store.keep(.noticed(bob.id, Notice(.knownPassword, at: Sample.noon, source: "192.0.2.1")))

        let facts = try await store.oversight(at: Sample.noon)
        #expect(facts.failures == [alice.id: 2])
        #expect(facts.factors == [alice.id: [.password: Sample.noon, .totp: UnixTime?.none]])
        #expect(facts.lastSeen == [alice.id: Sample.noon.advanced(by: 70)])
        #expect(facts.sharedKeys == [try Sample.privateKey(9).publicKey.fingerprint: [alice.id, bob.id]])
        #expect(facts.sources == [fingerprint: ["192.0.2.1", SourceNetwork.of("2001:db8::1")]])
        #expect(facts.knownPasswords == [bob.id])
        // A password that was set later is another one.
        for (after, found) in [(Int64(-1), [bob.id]), (0, [bob.id]), (1, [])] {
            let event = Event(
                time: Sample.noon.advanced(by: after), action: .factorSet, actor: nil, requestID: "r",
                source: "192.0.2.1")
            _ = try await store.record(Entry([.factorSet(bob.id, .password, sealed: [1])], event: event))
            #expect(try await store.oversight(at: Sample.noon).knownPasswords == Set(found))
        }
        let later = try await store.oversight(at: Sample.noon.advanced(by: 86_401))
        #expect(later.failures.isEmpty && later.sharedKeys.isEmpty && later.sources.isEmpty)
    }
}
