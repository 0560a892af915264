import Authority
import Records
import SSHFormats
import Synchronization
import Testing

/// A connection whose commits can be held up, counted and made to fail.
final class FaultyConnection: SQLConnection {
    private let real: SQLiteConnection
    private enum Fault { case lost, full }

    private let state = Mutex((commits: 0, fault: Fault?.none))
    let isShared = false
    var dialect: SQLDialect { real.dialect }

    init(_ real: SQLiteConnection) { self.real = real }

    var commits: Int { state.withLock(\.commits) }
    /// A commit of which nobody knows whether it was kept.
    func failFromNow() { state.withLock { $0.fault = .lost } }
    /// A commit that is undone for lack of space.
    func fillFromNow() { state.withLock { $0.fault = .full } }
    func workAgain() { state.withLock { $0.fault = nil } }

    func close() { real.close() }

    func read<Result: Sendable>(
        _ lane: ReadLane, _ work: @escaping SQLWork<Result>,
        done: @escaping @Sendable (ReadOutcome<Result>) -> Void
    ) { real.read(lane, work, done: done) }

    func write<Result: Sendable>(
        _ work: @escaping SQLWork<Result>, done: @escaping @Sendable (WriteOutcome<Result>) -> Void
    ) {
        let fault = state.withLock { state in
            state.commits += 1
            return state.fault
        }
        guard let fault else { return real.write(work, done: done) }
        real.write { session throws(StoreError) -> Result in
            _ = try work(session)
            throw .failed(reason: "undone")
        } done: { _ in
            switch fault {
            case .lost: done(.unknown(.failed(reason: "disk I/O error")))
            case .full: done(.rolledBack(.failed(reason: "SQLite 13: database or disk is full")))
            }
        }
    }
}

@Suite struct `Entries in flight` {
    @Test func `share their commits`() async throws {
        let (records, connection) = try await open()
        let before = connection.commits
        let kept = await counted(500) { number in
            (try? await records.record(Entry([.hostStateMoved], event: Sample.event(number)))) != nil
        }
        #expect(kept == 500)
        #expect(connection.commits - before < 250)
        #expect(try await records.hostStateVersion() == 500)
    }

    @Test func `wait for those that are about to come, and begin with the last of them`() async throws {
        let (records, connection) = try await open(patience: .seconds(3_600))
        let before = connection.commits
        let first = try await records.expected.expecting {
            try await records.expected.expecting {
                async let waiting = records.record(Entry([], event: Sample.event(1)))
                async let last = records.record(Entry([], event: Sample.event(2)))
                return try await [waiting, last]
            }
        }
        #expect(first.count == 2)
        #expect(connection.commits - before == 1)
    }

    @Test func `wait a moment only for those that never come`() async throws {
        let (records, connection) = try await open(patience: .milliseconds(1))
        let before = connection.commits
        _ = try await records.expected.expecting {
            try await records.expected.expecting { try await records.keep(.hostStateMoved) }
        }
        #expect(connection.commits - before == 1)
    }

    @Test func `do not share their conflicts`() async throws {
        let (records, _) = try await open()
        let alice = try Sample.person()
        try await records.keep(.identityAdded(alice))
        let kept = await counted(400) { number in
            let facts: [Fact] =
                number.isMultiple(of: 2) ? [.hostStateMoved] : [.hostStateMoved, .identityAdded(alice)]
            return (try? await records.record(Entry(facts, event: Sample.event(number)))) != nil
        }
        #expect(kept == 200)
        #expect(try await records.hostStateVersion() == 200)
        #expect(try await records.treeSize() == 200)
        #expect(try await records.firstDamage() == nil)
    }

    @Test func `are kept although their callers went away`() async throws {
        let (records, _) = try await open()
        let callers = (0..<100).map { number in
            Task { _ = try await records.record(Entry([.hostStateMoved], event: Sample.event(number))) }
        }
        for caller in callers { caller.cancel() }
        for caller in callers { try await caller.value }
        #expect(try await records.treeSize() == 100)
    }

    @Test func `S03: all fail with their commit, and so does everything after it`() async throws {
        let (records, connection) = try await open()
        try await records.keep(.hostStateMoved)
        connection.failFromNow()
        let kept = await counted(50) { _ in (try? await records.keep(.hostStateMoved)) != nil }
        #expect(kept == 0)
        connection.workAgain()
        let error = await conflict { try await records.keep(.hostStateMoved) }
        let reason = "closed until restart, since a commit failed: disk I/O error"
        #expect(error == .failed(reason: reason))
        #expect(try await records.hostStateVersion() == 1)
    }

    @Test func `say what is wrong until something is kept again`() async throws {
        let (records, connection) = try await open()
        #expect(records.trouble == nil)
        connection.fillFromNow()
        _ = try? await records.keep(.hostStateMoved)
        #expect(records.trouble == "SQLite 13: database or disk is full")
        _ = try? await records.tryAgain()
        #expect(records.trouble != nil)
        connection.workAgain()
        let alice = try Sample.person()
        #expect(await conflict { try await records.keep(.keyChanged(Fingerprint(of: []), .active)) } != nil)
        #expect(records.trouble != nil, "a refused fact says nothing about the disk")
        try await records.tryAgain()
        #expect(records.trouble == nil)
        try await records.keep(.identityAdded(alice))
    }

    @Test func `see what was recorded before they asked`() async throws {
        let (records, _) = try await open()
        try await withThrowingTaskGroup { group in
            for worker in 0..<8 {
                group.addTask {
                    for step in 0..<40 {
                        let name = "p\(worker)-\(step)"
                        let person = try Sample.person(name)
                        try await records.keep(.identityAdded(person))
                        #expect(try await records.identity(person.id) == person)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func open(
        patience: Duration = .milliseconds(1)
    ) async throws -> (Records, FaultyConnection) {
        let connection = FaultyConnection(try SQLiteConnection(path: try TemporaryFolder().database))
        return (try await Records(connection, patience: patience, now: { Sample.noon }), connection)
    }
}
