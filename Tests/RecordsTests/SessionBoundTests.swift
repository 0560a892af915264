import Authority
import Records
import SSHFormats
import Testing

@Suite struct `The open sessions of one identity` {
    @Test(arguments: [Engine.sqlite, .postgres])
    func `are so many at once: one more ends the one that was used longest ago`(_ engine: Engine) async throws
    {
        let store = try await records(engine, most: 2)
        let (alice, bob) = (try Sample.person("alice"), try Sample.person("bob"))
        try await store.keep(
            .identityAdded(alice), .identityAdded(bob),
            .sessionStarted(try Sample.session("b", of: bob.id), tokenHash: Sample.hash(9)),
            .sessionStarted(try Sample.session("s1", of: alice.id), tokenHash: Sample.hash(1)),
            .sessionStarted(try Sample.session("s2", of: alice.id), tokenHash: Sample.hash(2)),
            .sessionUsed(id: "s1", at: Sample.noon.advanced(by: 60)))
        for number in [UInt8(1), 2, 9] { #expect(try await isOpen(number, store)) }
        let started = Sample.noon.advanced(by: 90)
        let later = Session(
            id: "s3", identity: alice.id, device: nil, factors: [.password: started],
            boundTo: try Sample.privateKey(1).publicKey.fingerprint, source: "192.0.2.1", startedAt: started,
            lastUsedAt: started)
        try await store.keep(.sessionStarted(later, tokenHash: Sample.hash(3)))
        #expect(try await isOpen(1, store))
        #expect(try await !isOpen(2, store), "also where it was read before, and is held")
        #expect(try await isOpen(3, store))
        #expect(try await isOpen(9, store), "another's are not touched")
    }

    private func isOpen(_ number: UInt8, _ store: Records) async throws -> Bool {
        let found = try await store.session(tokenHash: Sample.hash(number))
        return try #require(found).session.endedAt == nil
    }

    private func records(_ engine: Engine, most: Int) async throws -> Records {
        guard engine == .postgres else {
            return try await Records(
                path: try TemporaryFolder().database, mostSessions: most, now: { Sample.noon })
        }
        let place = try await PostgresPlace()
        return try await Records(
            try await PostgresConnection(place.address, node: nil), mostSessions: most, now: { Sample.noon })
    }
}
