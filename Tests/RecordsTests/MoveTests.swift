import Authority
import Names
import Synchronization
import Testing

@testable import Records

@Suite struct `Moving an installation to PostgreSQL` {
    @Test func `copies every table and column that the schema has`() async throws {
        let connection = try SQLiteConnection(path: try TemporaryFolder().database)
        _ = try await Records(connection, now: { Sample.noon })
        let found = try await connection.reading { session throws(StoreError) -> [String: [String]] in
            var found: [String: [String]] = [:]
            for row in try session.rows(connection.dialect.tables) {
                let table = try row.text(0)
                let columns = try session.rows(
                    "SELECT name FROM pragma_table_info(?) ORDER BY cid", [.text(table)])
                found[table] = try columns.map { row throws(StoreError) in try row.text(0) }
            }
            return found
        }
        let listed = Dictionary(uniqueKeysWithValues: StoredTable.all.map { ($0.name, $0.columns) })
        #expect(found.filter { !StoredTable.left.contains($0.key) } == listed)
    }

    @Test func `brings everything, and serials go on above`() async throws {
        let folder = try TemporaryFolder()
        let source = try await filled(folder)
        let place = try await PostgresPlace()
        let before = try await source.growth(since: 0)
        let summary = try await Move(from: source, to: try await place.connection()).run(
            naming: "postgresql://db")
        #expect(summary.events == 700 && summary.root == before.root && summary.lastSerial == 20)
        await source.close()

        let target = try await place.records(node: "a")
        let growth = try await target.growth(since: 0)
        #expect(growth == before)
        #expect(try await target.inspect() == nil)
        #expect(try await target.keepsake() == Keepsake(origin: "ca.example.com", sealCheck: [1], epoch: 1))
        #expect(try await target.reserveSerials(node: "a", count: 5) == 21...25)
        let void = try await target.revoked(.user, at: Sample.noon).serials
        #expect(void == [2...20], "what was set apart and not used before is void")
        let alice = try Sample.person()
        #expect(try await target.identity(alice.id) == alice)
        #expect(try await target.session(tokenHash: Sample.hash(2))?.session.identity == alice.id)
        await #expect(throws: RecordsError.movedAway(to: "postgresql://db")) { try await folder.records() }
        await target.close()
    }

    @Test func `is taken back by its file as it was`() async throws {
        let folder = try TemporaryFolder()
        let source = try await filled(folder)
        let before = try await source.growth(since: 0)
        let place = try await PostgresPlace()
        _ = try await Move(from: source, to: try await place.connection()).run(naming: "postgresql://db")
        await source.close()
        let recovered = try await Records(
            try SQLiteConnection(path: folder.database), for: .recovery, now: { Sample.noon })
        try await recovered.forgetMove()
        await recovered.close()
        let again = try await folder.records()
        #expect(try await again.growth(since: 0) == before)
    }

    @Test(arguments: [2, 5, 12, 18]) func `is in force nowhere twice, whichever write fails`(
        _ write: Int
    ) async throws {
        let folder = try TemporaryFolder()
        let source = try await filled(folder)
        let place = try await PostgresPlace()
        let failing = FailingTarget(try await place.connection(), at: write)
        await #expect(throws: MoveError.store(.failed(reason: "gone"))) {
            try await Move(from: source, to: failing).run(naming: "postgresql://db")
        }
        failing.close()
        await #expect(throws: RecordsError.halfMoved) { try await place.records() }
        await #expect(throws: MoveError.self) {
            try await Move(from: source, to: try await place.connection()).run(naming: "postgresql://db")
        }
        _ = try await source.record(Entry([], event: Sample.event(700)))
        let next = try await PostgresPlace()
        let summary = try await Move(from: source, to: try await next.connection()).run(
            naming: "postgresql://db")
        #expect(summary.events == 701)
    }

    @Test func `is in force nowhere when the very last write fails, and can be done again`() async throws {
        let folder = try TemporaryFolder()
        let source = try await filled(folder)
        let place = try await PostgresPlace()
        let failing = FailingTarget(try await place.connection(), at: 19)
        await #expect(throws: MoveError.lastStep(.failed(reason: "gone"))) {
            try await Move(from: source, to: failing).run(naming: "postgresql://db")
        }
        failing.close()
        await source.close()
        await #expect(throws: RecordsError.halfMoved) { try await place.records() }
        await #expect(throws: RecordsError.movedAway(to: "postgresql://db")) { try await folder.records() }
        let recovered = try await Records(
            try SQLiteConnection(path: folder.database), for: .recovery, now: { Sample.noon })
        try await recovered.forgetMove()
        let next = try await PostgresPlace()
        let summary = try await Move(from: recovered, to: try await next.connection()).run(
            naming: "postgresql://db")
        #expect(summary.events == 700)
    }

    @Test(arguments: ["identity", "session", "factor_secret", "certificate", "revocation", "event"])
    func `finds out which table arrived otherwise than it was sent`(_ table: String) async throws {
        let source = try await filled(try TemporaryFolder())
        let place = try await PostgresPlace()
        let wrong = AlteringTarget(try await place.connection(), table)
        let error = await #expect(throws: MoveError.self) {
            try await Move(from: source, to: wrong).run(naming: "postgresql://db")
        }
        #expect(error == .differs("the rows of \(table)"))
        wrong.close()
        await #expect(throws: RecordsError.halfMoved) { try await place.records() }
        _ = try await source.record(Entry([], event: Sample.event(700)))
    }

    @Test func `refuses what is not empty`() async throws {
        let source = try await filled(try TemporaryFolder())
        let place = try await PostgresPlace()
        await (try await place.records()).close()
        await #expect(throws: MoveError.self) {
            try await Move(from: source, to: try await place.connection()).run(naming: "postgresql://db")
        }
    }

    /// 700 events, a person with a device, a session, a certificate out of a block of 20 serials.
    private func filled(_ folder: TemporaryFolder) async throws -> Records {
        let records = try await folder.records()
        try await records.keep(origin: "ca.example.com", sealCheck: [1])
        let alice = try Sample.person()
        let device = try Sample.device("a.laptop", of: alice.id)
        try await records.keep(
            .identityAdded(alice), .identityAdded(device), .linkMade(Sample.link(1, for: alice.id)),
            .sessionStarted(
                try Sample.session("s", of: alice.id, device: device.id), tokenHash: Sample.hash(2)),
            .factorSet(alice.id, .totp, sealed: []), .totpStepTaken(alice.id, step: 7))
        // Two rows alike, which one of them must not stand for.
        for _ in 0..<2 { try await records.keep(.revoked(try Sample.revocation())) }
        #expect(try await records.reserveSerials(node: "single", count: 20) == 1...20)
        try await records.keep(.certificateIssued(try Sample.certificate(1, for: alice.id)))
        for number in 0..<700 { _ = try await records.record(Entry([], event: Sample.event(number))) }
        return records
    }
}

extension PostgresPlace {
    func connection() async throws -> PostgresConnection { try await PostgresConnection(address, node: nil) }
}

/// A server that is lost at the write with that number, the first of all being 1.
private final class FailingTarget: SQLConnection {
    private let real: PostgresConnection
    private let last: Int
    private let writes = Mutex(0)
    var dialect: SQLDialect { real.dialect }
    let isShared = true

    init(_ real: PostgresConnection, at last: Int) {
        self.real = real
        self.last = last
    }

    func read<Result: Sendable>(
        _ lane: ReadLane, _ work: @escaping SQLWork<Result>,
        done: @escaping @Sendable (ReadOutcome<Result>) -> Void
    ) { real.read(lane, work, done: done) }

    func write<Result: Sendable>(
        _ work: @escaping SQLWork<Result>, done: @escaping @Sendable (WriteOutcome<Result>) -> Void
    ) {
        let number = writes.withLock { writes in
            writes += 1
            return writes
        }
        guard number < last else { return done(.rolledBack(.failed(reason: "gone"))) }
        real.write(work, done: done)
    }

    func close() { real.close() }
}

/// A server that keeps the last column of one table otherwise than it was sent.
private final class AlteringTarget: SQLConnection {
    private let real: PostgresConnection
    private let table: String
    var dialect: SQLDialect { real.dialect }
    let isShared = true

    init(_ real: PostgresConnection, _ table: String) {
        self.real = real
        self.table = table
    }

    func read<Result: Sendable>(
        _ lane: ReadLane, _ work: @escaping SQLWork<Result>,
        done: @escaping @Sendable (ReadOutcome<Result>) -> Void
    ) { real.read(lane, work, done: done) }

    func write<Result: Sendable>(
        _ work: @escaping SQLWork<Result>, done: @escaping @Sendable (WriteOutcome<Result>) -> Void
    ) {
        real.write(
            { [table] session throws(StoreError) in try work(AlteringSession(session, table)) }, done: done)
    }

    func close() { real.close() }
}

private struct AlteringSession: SQLSession {
    private let real: any SQLSession
    private let insert: String

    init(_ real: any SQLSession, _ table: String) {
        self.real = real
        insert = "INSERT INTO \(table) ("
    }

    func send(_ sql: String, _ values: [SQLValue]) throws(StoreError) {
        guard sql.hasPrefix(insert), let last = values.last else { return try real.send(sql, values) }
        let altered: SQLValue =
            switch last {
            case .integer(let number): .integer(number + 1)
            case .text(let text): .text(text + " ")
            case .bytes(let bytes): .bytes(bytes + [0])
            case .null: .integer(1)
            }
        try real.send(sql, values.dropLast() + [altered])
    }

    func run(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> Int { try real.run(sql, values) }
    func run(_ sql: String, _ values: [SQLValue], usually count: Int) throws(StoreError) -> Int {
        try real.run(sql, values, usually: count)
    }
    func mark(_ step: PartStep) throws(StoreError) { try real.mark(step) }
    func rows(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> [SQLRow] {
        try real.rows(sql, values)
    }
    func lock(_ name: String) throws(StoreError) { try real.lock(name) }
    func notify(_ topic: String) throws(StoreError) { try real.notify(topic) }
}
