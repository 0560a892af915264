import Authority
import Posix
import Records
import SSHFormats
import Synchronization
import TestKit
import Testing

@Suite struct `Three nodes on one PostgreSQL` {
    @Test func `let exactly 5 of 1,000 guesses through`() async throws {
        let nodes = try await nodes()
        let passed = await counted(1_000) { number in
            let attempt = `A storage engine decides on sign-in`.attempt()
            let verdict = try? await nodes[number % 3].reserve(attempt, limits: AttemptLimits())
            return verdict == .reserved
        }
        #expect(passed == 5)
    }

    @Test func `give no serial twice, and name none of another's as lost`() async throws {
        let nodes = try await nodes()
        let given = Mutex<[ClosedRange<UInt64>]>([])
        let failed = await counted(90) { number in
            guard let range = try? await nodes[number % 3].reserveSerials(node: "n\(number % 3)", count: 7)
            else { return true }
            given.withLock { $0.append(range) }
            return false
        }
        #expect(failed == 0)
        let serials = given.withLock { $0.flatMap(Array.init).sorted() }
        #expect(serials == Array(1...630))
        #expect(try await nodes[0].revoked(.user, at: Sample.noon).serials == [])
    }

    @Test func `give the same reply to the same claim`() async throws {
        let nodes = try await nodes()
        let replies = Mutex<[[UInt8]]>([])
        let taken = await counted(60) { number in
            let entry = Entry(
                [.hostStateMoved], event: Sample.event(number), claim: Sample.claim(1), reply: [UInt8(number)]
            )
            do {
                _ = try await nodes[number % 3].record(entry)
                replies.withLock { $0.append([UInt8(number)]) }
                return true
            } catch StoreError.conflict(.claimed(let reply)) {
                replies.withLock { $0.append(reply.reply) }
            } catch {}
            return false
        }
        #expect(taken == 1)
        #expect(replies.withLock { $0.count } == 60)
        #expect(Set(replies.withLock { $0 }).count == 1)
        #expect(try await nodes[2].treeSize() == 1)
    }

    @Test func `take each TOTP step once and bind each link to one key`() async throws {
        let nodes = try await nodes()
        let alice = try Sample.person()
        let link = Sample.link(1, for: alice.id)
        try await nodes[0].keep(.identityAdded(alice), .linkMade(link))
        let taken = await counted(60) { number in
            (try? await nodes[number % 3].keep(.totpStepTaken(alice.id, step: 9))) != nil
        }
        #expect(taken == 1)
        let bound = await counted(30) { number in
            guard let key = try? Sample.privateKey(UInt8(number + 1)).publicKey.fingerprint else {
                return false
            }
            let fact = Fact.linkRedeemed(tokenHash: link.tokenHash, by: key, at: Sample.noon)
            return (try? await nodes[number % 3].keep(fact)) != nil
        }
        #expect(bound == 1)
    }

    @Test func `write one ledger`() async throws {
        let nodes = try await nodes()
        let kept = await counted(600) { number in
            (try? await nodes[number % 3].record(Entry([], event: Sample.event(number)))) != nil
        }
        #expect(kept == 600)
        for node in nodes { #expect(try await node.treeSize() == 600) }
        #expect(try await nodes[1].firstDamage() == nil)
    }

    @Test func `hear of each other's revocations`() async throws {
        let nodes = try await nodes()
        var changes = nodes[1].changes().makeAsyncIterator()
        #expect(await changes.next() == .some(nil))
        try await nodes[0].keep(.hostStateMoved)
        #expect(await changes.next() == "hostState")
        #expect(try await nodes[1].hostStateVersion() == 1)
        try await nodes[2].keep(.revoked(try Sample.revocation()))
        #expect(await changes.next() == "hostState")
    }

    @Test func `are refused a name that another has`() async throws {
        let place = try await PostgresPlace()
        let first = try await place.records(node: "a")
        await #expect(throws: RecordsError.postgres(.nodeTaken("a"))) { try await place.records(node: "a") }
        await first.close()
        _ = try await place.records(node: "a")
    }

    @Test func `migrate once, whoever comes first`() async throws {
        let place = try await PostgresPlace()
        let opened = try await withThrowingTaskGroup(of: Records.self) { group in
            for _ in 0..<6 { group.addTask { try await place.records() } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for records in opened { try await records.keep(.hostStateMoved) }
        #expect(try await opened[0].hostStateVersion() == 6)
    }

    private func nodes() async throws -> [Records] {
        let place = try await PostgresPlace()
        var nodes: [Records] = []
        for number in 0..<3 { nodes.append(try await place.records(node: "n\(number)")) }
        return nodes
    }
}

@Suite struct `Work under a lease` {
    @Test func `is done by one, and by the next when that one stands still`() async throws {
        let place = try await PostgresPlace()
        let time = Mutex<UInt64>(0)
        let now: @Sendable () -> UInt64 = { time.withLock { $0 } }
        let (one, two) = (try await place.records(), try await place.records())
        let (first, second) = (Lease("work", one, now: now), Lease("work", two, now: now))
        #expect(try await first.perform {})
        #expect(try await !second.perform {})
        time.withLock { $0 += Lease.patience - 1 }
        #expect(try await first.perform {})
        time.withLock { $0 += 1 }
        #expect(try await !second.perform {})
        time.withLock { $0 += Lease.patience }
        #expect(try await second.perform {})
        #expect(try await !first.perform {})
    }

    @Test func `cannot write once another has it`() async throws {
        let place = try await PostgresPlace()
        let time = Mutex<UInt64>(0)
        let now: @Sendable () -> UInt64 = { time.withLock { $0 } }
        let (one, two) = (try await place.records(), try await place.records())
        let (first, second) = (Lease("work", one, now: now), Lease("work", two, now: now))
        _ = try await one.record(Entry([], event: Sample.event(0)))
        await #expect(throws: StoreError.conflict(.versionMoved)) {
            try await first.perform {
                // The holder is frozen here, and another takes over.
                _ = try await second.perform {}
                time.withLock { $0 += Lease.patience }
                #expect(try await second.perform {})
                try await one.keep(checkpoint: "old", size: 1)
            }
        }
        #expect(try await two.checkpoints(limit: 9).isEmpty)
        #expect(try await second.perform { try await two.keep(checkpoint: "new", size: 1) })
        #expect(try await one.checkpoints(limit: 9) == [KeptCheckpoint(size: 1, note: "new")])
    }

    @Test func `goes on at once when it is let go`() async throws {
        let place = try await PostgresPlace()
        let (first, second) = (
            Lease("work", try await place.records()), Lease("work", try await place.records())
        )
        #expect(try await first.perform {})
        try await first.release()
        #expect(try await second.perform {})
        #expect(try await !first.perform {})
    }
}

@Suite struct `A PostgreSQL that does not fit` {
    @Test(arguments: [
        (
            "&options=-csynchronous_commit%3Doff",
            PostgresFault.notDurable(setting: "synchronous_commit", value: "off")
        ),
        ("&options=-csearch_path%3Dnowhere", .mayNotCreate(role: "keyreeve", schema: nil)),
        ("&options=-cdefault_transaction_read_only%3Don&target_session_attrs=read-write", nil),
    ])
    func `is refused with the reason`(_ suffix: String, _ fault: PostgresFault?) async throws {
        let server = try await TestPostgres.shared
        let address = try PostgresAddress(server.address + suffix)
        guard let fault else {
            await #expect(throws: RecordsError.self) { try await PostgresConnection(address, node: nil) }
            return
        }
        await #expect(throws: RecordsError.postgres(fault)) {
            try await PostgresConnection(address, node: nil)
        }
    }

    @Test func `is refused where nothing may be made`() async throws {
        let server = try await TestPostgres.shared
        let role = "r\(UInt64.random(in: .min ... .max))"
        let address = try await server.schema()
        try await server.run(
            "CREATE ROLE \(role) LOGIN; GRANT USAGE ON SCHEMA \(try #require(address.split(separator: "%3D").last)) TO \(role)"
        )
        let theirs = try PostgresAddress(address.replacing("keyreeve@", with: "\(role)@"))
        await #expect(throws: RecordsError.self) { try await PostgresConnection(theirs, node: nil) }
    }

    @Test func `is not asked where its address is wrong`() {
        for text in [
            "mysql://x", "postgresql://a:%zzsecret@h/d", "postgresql://h/d?target_session_attrs=any",
            "postgresql://h/d?target_session_attrs=prefer-standby",
            "postgresql://h1,h2:1,h3/d?hostaddr=127.0.0.1,127.0.0.2",
        ] {
            #expect(throws: PostgresFault.self) { try PostgresAddress(text) }
            do { _ = try PostgresAddress(text) } catch { #expect(!"\(error)".contains("secret")) }
        }
    }

    @Test func `is named without its password`() throws {
        let address = try PostgresAddress("postgresql://u:hidden@db1:5433,db2/keyreeve")
        #expect(address.holdsPassword)
        for text in ["\(address)", String(reflecting: address)] {
            #expect(text == "postgresql://db1,db2/keyreeve")
        }
    }
}
