import Authority
import Records
import SSHFormats
import TestKit
import Testing

@Suite struct `Records in PostgreSQL` {
    @Test func `keep a commit whose answer was lost`() async throws {
        let house = try await ProxiedHouse()
        try await house.records.keep(.hostStateMoved)
        house.proxy.become(.losesCommit)
        try await house.records.keep(.hostStateMoved)
        #expect(house.proxy.breaks == 1)
        #expect(try await house.records.hostStateVersion() == 2)
    }

    @Test func `say that a commit which never came was not kept`() async throws {
        let house = try await ProxiedHouse()
        // The connection that opened the records has asked for a commit in plain text already; a new one has not.
        house.proxy.become(.gone)
        #expect(await conflict { try await house.records.keep(.hostStateMoved) } == .busy)
        house.proxy.become(.refusesCommit)
        try await house.untilKept { _ in house.proxy.breaks == 1 }
        try await house.untilKept { $0 == nil }
        try await house.untilRead { $0 == 1 }
    }

    @Test func `are busy while the server is gone, and go on when it is back`() async throws {
        let house = try await ProxiedHouse()
        try await house.records.keep(.hostStateMoved)
        for _ in 0..<3 {
            house.proxy.become(.gone)
            #expect(await conflict { try await house.records.keep(.hostStateMoved) } == .busy)
            await #expect(throws: StoreError.busy) { try await house.records.hostStateVersion() }
            house.proxy.become(.passes)
            try await house.untilKept { $0 == nil }
        }
        try await house.untilRead { $0 == 4 }
    }

    @Test func `wait for a silent server only so long`() async throws {
        let house = try await ProxiedHouse()
        house.proxy.become(.silent)
        #expect(await conflict { try await house.records.keep(.hostStateMoved) } == .busy)
        house.proxy.become(.gone)
        house.proxy.become(.passes)
        try await house.untilKept { $0 == nil }
        try await house.untilRead { $0 == 1 }
    }

    @Test(.timeLimit(.minutes(20)))
    func `end every request while each answer takes 2 s, and go on when that is over`() async throws {
        let house = try await ProxiedHouse()
        try await house.records.keep(.hostStateMoved)
        house.proxy.become(.slow)
        let ended = await counted(300) { number in
            guard number % 2 == 0 else {
                do throws(StoreError) { return try await house.records.hostStateVersion() > 0 } catch {
                    return error == .busy
                }
            }
            let refused = await conflict { try await house.records.keep(.hostStateMoved) }
            // Of the commit that was under way nobody knows for ten seconds whether it was kept; then its callers are told so.
            let unknown = StoreError.failed(reason: "the connection was lost while it committed")
            return refused == nil || refused == .busy || refused == unknown
        }
        #expect(ended == 300)
        house.proxy.become(.passes)
        try await house.untilKept { $0 == nil }
        try await house.untilRead { $0 > 1 }
    }

    @Test func `go on at once after an operator has ended their connections`() async throws {
        let server = try await TestPostgres.shared
        let name = "ended\(UInt64.random(in: .min ... .max))"
        let address = try PostgresAddress(try await server.schema() + "&application_name=\(name)")
        let records = try await Records(
            try await PostgresConnection(address, node: nil), now: { Sample.noon })
        for round in 1...5 {
            let ended = try await server.run(
                "SELECT count(pg_terminate_backend(pid)) > 0 FROM pg_stat_activity WHERE application_name = '\(name)'"
            )
            #expect(ended == "t\n")
            try await records.keep(.hostStateMoved)
            #expect(try await records.hostStateVersion() == UInt64(round))
        }
    }

    @Test func `do an entry alone that surprises its group`() async throws {
        let records = try await PostgresPlace().records()
        let alice = try Sample.person()
        try await records.keep(.identityAdded(alice))
        let left = try Sample.revocation()
        let kept = await counted(200) { number in
            let fact: Fact =
                switch number % 4 {
                case 0: .identityAdded(alice)
                case 1: .factorSet(alice.id, .totp, sealed: [UInt8(number)])
                case 2: .revoked(left)
                default: .hostStateMoved
                }
            return (try? await records.record(Entry([fact], event: Sample.event(number)))) != nil
        }
        #expect(kept == 150)
        #expect(try await records.treeSize() == 150)
        #expect(try await records.firstDamage() == nil)
    }

    @Test func `hold texts with a zero byte off, and nobody else's`() async throws {
        let records = try await PostgresPlace().records()
        let kept = await counted(20) { number in
            let reason = number == 7 ? "a\0b" : "ab"
            guard let revocation = try? Sample.revocation(reason) else { return false }
            return (try? await records.keep(.revoked(revocation))) != nil
        }
        #expect(kept == 19)
    }
}

/// Records whose way to the server can be broken.
struct ProxiedHouse {
    let proxy: PostgresProxy
    let records: Records

    init() async throws {
        let server = try await TestPostgres.shared
        proxy = try PostgresProxy(server)
        let address = try PostgresAddress(proxy.address(try await server.schema(), server))
        records = try await Records(
            try await PostgresConnection(address, node: nil), now: { Sample.noon })
    }

    /// Records again and again until it ends as it should; polls, as a connection is tried only now and then.
    func untilKept(_ isRight: (StoreError?) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            if isRight(await conflict { try await records.keep(.hostStateMoved) }) { return }
            try await ContinuousClock().sleep(for: .milliseconds(10))  // polls: nobody tells when it is back
        }
        Issue.record("gave up waiting")
    }

    /// Reads the version once that is possible again: each connection that reads tries only now and then.
    func untilRead(_ isRight: (UInt64) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            do throws(StoreError) {
                let version = try await records.hostStateVersion()
                #expect(isRight(version), "\(version)")
                return
            } catch {
                #expect(error == .busy)
            }
            try await ContinuousClock().sleep(for: .milliseconds(10))  // polls: nobody tells when it is back
        }
        Issue.record("gave up waiting")
    }
}

extension Sample {
    static func revocation(_ reason: String = "left") throws -> Revocation {
        Revocation(target: .key(try privateKey(9).publicKey.fingerprint), reason: reason, at: noon)
    }
}
