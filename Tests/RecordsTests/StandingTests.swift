import Authority
import Names
import Records
import SSHFormats
import Synchronization
import Testing

/// The same database for several values of Records, as several servers have it.
final class SharedConnection: SQLConnection {
    private let real: SQLiteConnection
    let isShared = true
    /// How many reads were asked for, each a round trip where the engine is far away.
    let reads = Atomic<Int>(0)
    var dialect: SQLDialect { real.dialect }

    init(_ real: SQLiteConnection) { self.real = real }

    func close() { real.close() }

    func read<Result: Sendable>(
        _ lane: ReadLane, _ work: @escaping SQLWork<Result>,
        done: @escaping @Sendable (ReadOutcome<Result>) -> Void
    ) {
        reads.wrappingAdd(1, ordering: .relaxed)
        real.read(lane, work, done: done)
    }

    func write<Result: Sendable>(
        _ work: @escaping SQLWork<Result>, done: @escaping @Sendable (WriteOutcome<Result>) -> Void
    ) { real.write(work, done: done) }
}

@Suite struct `What decides who may do what` {
    enum Nodes: CaseIterable { case one, two }

    /// Two stores on one database; the same one twice where there is one process.
    private func open(_ nodes: Nodes) async throws -> (asked: Records, told: Records) {
        let folder = try TemporaryFolder()
        guard nodes == .two else {
            let records = try await folder.records()
            return (records, records)
        }
        let connection = SharedConnection(try SQLiteConnection(path: folder.database))
        return (
            try await Records(connection, now: { Sample.noon }),
            try await Records(connection, now: { Sample.noon })
        )
    }

    @Test(arguments: Nodes.allCases) func `is read again once a session ended or its person was suspended`(
        _ nodes: Nodes
    ) async throws {
        let (asked, told) = try await open(nodes)
        var alice = try Sample.person()
        try await told.keep(
            .identityAdded(alice),
            .sessionStarted(try Sample.session("a", of: alice.id), tokenHash: Sample.hash(1)))
        for _ in 0..<2 {
            #expect(try await asked.session(tokenHash: Sample.hash(1))?.identity.status == .active)
        }
        alice.status = .suspended
        try await told.keep(.identityChanged(alice))
        #expect(try await asked.session(tokenHash: Sample.hash(1))?.identity.status == .suspended)
        try await told.keep(.sessionUsed(id: "a", at: Sample.noon.advanced(by: 60)))
        let used = try await asked.session(tokenHash: Sample.hash(1))?.session.lastUsedAt
        #expect(used == Sample.noon.advanced(by: 60))
        try await told.keep(.sessionEnded(id: "a", at: Sample.noon.advanced(by: 90)))
        let ended = try await asked.session(tokenHash: Sample.hash(1))?.session.endedAt
        #expect(ended == Sample.noon.advanced(by: 90))
    }

    @Test(arguments: Nodes.allCases) func `is read again once a host was added or a policy applied`(
        _ nodes: Nodes
    ) async throws {
        let (asked, told) = try await open(nodes)
        let alice = try Sample.person()
        #expect(try await asked.hosts(knownAs: "db") == [])
        try await told.keep(
            .identityAdded(alice),
            .identityAdded(try Sample.host("web1.example.com", owner: alice.id, aliases: ["db"])))
        #expect(try await asked.hosts(knownAs: "db").map(\.id.name.text) == ["web1.example.com"])
        try await told.keep(
            .identityAdded(try Sample.host("web2.example.com", owner: alice.id, aliases: ["db"])))
        #expect(try await asked.hosts(knownAs: "db").count == 2)
        #expect(try await asked.currentPolicyVersion() == 0)
        for version in [1, 2] as [UInt64] {
            try await told.keep(
                .policyApplied(
                    PolicyVersion(version: version, text: "", appliedBy: nil, appliedAt: Sample.noon)))
            #expect(try await asked.currentPolicyVersion() == version)
        }
    }

    @Test(arguments: Engine.allCases) func `keeps an entry only while it stands as it did`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        var alice = try Sample.person()
        try await store.keep(.identityAdded(alice))
        let seen = try await store.standing()
        alice.status = .suspended
        try await store.keep(.unmoved(since: seen), .identityChanged(alice))
        alice.status = .active
        await #expect(throws: StoreError.busy) {
            try await store.keep(.unmoved(since: seen), .identityChanged(alice))
        }
        #expect(try await store.identity(alice.id)?.status == .suspended)
        let now = try await store.standing()
        let kept = await counted(20) { number in
            let bob = try? Sample.person("bob\(number)")
            guard let bob else { return false }
            return (try? await store.keep(.unmoved(since: now), .identityAdded(bob))) != nil
        }
        #expect(kept == 1)
    }

    @Test func `is not read again for a certificate`() async throws {
        let (records, _) = try await open(.one)
        let alice = try Sample.person()
        try await records.keep(
            .identityAdded(alice),
            .sessionStarted(try Sample.session("a", of: alice.id), tokenHash: Sample.hash(1)))
        let before = try await records.session(tokenHash: Sample.hash(1))
        try await records.keep(.certificateIssued(try Sample.certificate(1, for: alice.id)))
        #expect(try await records.session(tokenHash: Sample.hash(1)) == before)
    }

    /// A request that is over before any time has passed.
    private func scope() -> RequestScope {
        let now = ContinuousClock.now
        return RequestScope { now }
    }

    /// What a request for a certificate asks of the store before it commits: session, policy, host, policy, claim, key.
    private func ask(_ records: Records) async throws {
        _ = try await records.session(tokenHash: Sample.hash(1))
        _ = try await records.currentPolicyVersion()
        _ = try await records.hosts(knownAs: "web1.example.com")
        _ = try await records.currentPolicyVersion()
        _ = try await records.remembered(Sample.claim(1), at: Sample.noon)
        _ = try await records.standing(of: try Sample.privateKey(9).publicKey.fingerprint)
    }

    private func furnished() async throws -> (SharedConnection, asked: Records, told: Records) {
        let connection = SharedConnection(try SQLiteConnection(path: try TemporaryFolder().database))
        let told = try await Records(connection, now: { Sample.noon })
        let alice = try Sample.person()
        try await told.keep(
            .identityAdded(alice),
            .identityAdded(try Sample.host("web1.example.com", owner: alice.id)),
            .sessionStarted(try Sample.session("a", of: alice.id), tokenHash: Sample.hash(1)))
        return (connection, try await Records(connection, now: { Sample.noon }), told)
    }

    @Test func `is asked for once in a request, however often it matters`() async throws {
        let (connection, asked, _) = try await furnished()
        try await ask(asked)
        let before = connection.reads.load(ordering: .relaxed)
        try await RequestScope.$current.withValue(scope()) { try await ask(asked) }
        let reads = connection.reads.load(ordering: .relaxed) - before
        #expect(reads == 3, "the counts, the claim and the key")
    }

    @Test func `is asked for again by the next request, and after a request moved it itself`() async throws {
        let (_, asked, told) = try await furnished()
        try await ask(asked)
        var alice = try Sample.person()
        alice.status = .suspended
        try await told.keep(.identityChanged(alice))
        try await RequestScope.$current.withValue(scope()) {
            #expect(try await asked.session(tokenHash: Sample.hash(1))?.identity.status == .suspended)
            alice.status = .active
            try await asked.keep(.identityChanged(alice))
            #expect(try await asked.session(tokenHash: Sample.hash(1))?.identity.status == .active)
            alice.status = .suspended
            try await told.keep(.identityChanged(alice))
            // Whoever decides about all asks anew, and what follows in the request is as new as that.
            let standing = try await asked.standing()
            #expect(try await asked.session(tokenHash: Sample.hash(1))?.identity.status == .suspended)
            try await asked.keep(.unmoved(since: standing), .identityChanged(alice))
        }
    }

    @Test func `is asked for again in a request that lasts`() async throws {
        let (connection, asked, _) = try await furnished()
        try await ask(asked)
        let time = Mutex(ContinuousClock.now)
        try await RequestScope.$current.withValue(RequestScope { time.withLock(\.self) }) {
            _ = try await asked.currentPolicyVersion()
            let before = connection.reads.load(ordering: .relaxed)
            _ = try await asked.currentPolicyVersion()
            #expect(connection.reads.load(ordering: .relaxed) == before)
            time.withLock { $0 += .milliseconds(500) }
            _ = try await asked.currentPolicyVersion()
            #expect(connection.reads.load(ordering: .relaxed) == before + 1)
        }
    }
}
