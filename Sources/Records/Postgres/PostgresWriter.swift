import Authority
import Posix

/// The one connection of this process that writes.
///
/// Every write transaction first takes one lock that all nodes share, as all of them append to one ledger: write
/// transactions are serial, so what one reads it may act on, and a statement after the lock sees everything that was
/// committed before (READ COMMITTED takes a new snapshot for each). Each leaves a mark of its own in a row of this
/// process: when a connection is lost while it commits, the mark tells whether it did.
final class PostgresWriter {
    private let door: PostgresDoor
    private let node: String?
    /// This life of the process.
    private let writer = String(UInt64.random(in: .min ... .max), radix: 16)
    private var opened: PostgresDoor.Opened?
    private var backoff = Backoff()
    /// The mark that was committed last; nil before the first connection.
    private var confirmed: Int64?
    /// The marks of commits after it whose ends are not known.
    private var doubtful: Set<Int64> = []

    /// Milliseconds for finding out how a commit ended.
    static let patience: UInt64 = 10_000
    /// Milliseconds after which work is not done again.
    static let endurance: UInt64 = 3_000

    /// - Parameter node: Only one process may write by that name at a time.
    init(_ door: PostgresDoor, node: String?) {
        self.door = door
        self.node = node
    }

    /// How one run of the work ended.
    private enum Attempt<Result: Sendable> {
        case ended(WriteOutcome<Result>)
        /// Nothing was kept: to be done again, watching each statement.
        case mistaken
        /// Nothing was kept: to be done again on a new connection.
        case lost
        /// The connection was lost while it committed.
        case doubtful(Result, mark: Int64)
    }

    func write<Result: Sendable>(_ work: SQLWork<Result>) -> WriteOutcome<Result> {
        var isHopeful = true
        let deadline = Deadline.after(milliseconds: Self.endurance)
        repeat {
            let opened: PostgresDoor.Opened
            do throws(PostgresFault) { opened = try connected() } catch { return .rolledBack(.busy) }
            switch attempt(work, opened, isHopeful: isHopeful) {
            case .ended(let outcome): return outcome
            case .mistaken: isHopeful = false
            case .lost: self.opened = nil
            case .doubtful(let result, let mark):
                self.opened = nil
                doubtful.insert(mark)
                return settle(result, mark)
            }
        } while !deadline.isOver
        return .rolledBack(.busy)
    }

    /// The connection, or a new one.
    ///
    /// - Throws: Why there is none; at once while the next attempt is not due.
    @discardableResult
    func connected() throws(PostgresFault) -> PostgresDoor.Opened {
        if let opened, door.isCurrent(opened.server) { return opened }
        opened = nil
        guard backoff.isOver else { throw .unreachable("tried a moment ago") }
        do throws(PostgresFault) {
            let fresh = try door.open { (fresh) throws(PostgresFault) in try self.introduce(fresh) }
            backoff.succeed()
            opened = fresh
            return fresh
        } catch {
            backoff.fail()
            throw error
        }
    }

    /// Makes this process known by the first connection.
    ///
    /// - Returns: Whether the server holds what was confirmed on the connection before.
    private func introduce(_ opened: PostgresDoor.Opened) throws(PostgresFault) -> Bool {
        let introduction = WriterIntroduction(opened, writer: writer, node: node)
        guard let confirmed else {
            try introduction.begin()
            self.confirmed = 0
            return true
        }
        guard let mark = try introduction.mark() else { return false }
        return mark == confirmed || doubtful.contains(mark)
    }

    private func attempt<Result: Sendable>(
        _ work: SQLWork<Result>, _ opened: PostgresDoor.Opened, isHopeful: Bool
    ) -> Attempt<Result> {
        let session = PostgresSession(opened.link, isHopeful: isHopeful)
        let mark = Int64.random(in: 1...Int64.max)
        do throws(StoreError) {
            try begin(session, opened)
            let marked = try session.run(
                "UPDATE keyreeve_writer SET mark = ? WHERE writer = ?", [.integer(mark), .text(writer)],
                usually: 1)
            guard marked == 1 else { return .lost }
            let result = try work(session)
            try session.settle()
            return commit(result, mark, opened.link)
        } catch {
            return rollBack(session, error, opened.link)
        }
    }

    private func begin(
        _ session: PostgresSession, _ opened: PostgresDoor.Opened
    ) throws(StoreError) {
        try session.begin("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        try session.begin("SELECT pg_advisory_xact_lock(?)", [.integer(opened.server.key)])
    }

    private func rollBack<Result>(
        _ session: PostgresSession, _ error: StoreError, _ link: PostgresLink
    ) -> Attempt<Result> {
        if case .lost = session.ending { return .lost }
        do throws(LinkError) { try link.rollBack() } catch { return .lost }
        guard let ending = session.ending else {
            return session.isMistaken ? .mistaken : .ended(.rolledBack(error))
        }
        guard case .refused(let complaint) = ending, !complaint.endsLink else { return .lost }
        return complaint.isCollision ? .mistaken : .ended(.rolledBack(ending.storeError))
    }

    /// Commits, and believes only a plain yes: a warning means that a standby may not have it.
    private func commit<Result>(_ result: Result, _ mark: Int64, _ link: PostgresLink) -> Attempt<Result> {
        let warnings = link.warningCount
        do throws(LinkError) {
            // A commit that waits for its standby and is cancelled would be confirmed without it.
            try link.send("SET LOCAL statement_timeout = 0")
            try link.send("COMMIT")
            let tag = try link.answers(by: .answer).last?.get().tag
            guard link.warningCount == warnings else { return .doubtful(result, mark: mark) }
            guard tag == "COMMIT" else {
                return .ended(.rolledBack(.failed(reason: "PostgreSQL rolled back")))
            }
            (confirmed, doubtful) = (mark, [])
            return .ended(.committed(result))
        } catch {
            return .doubtful(result, mark: mark)
        }
    }

    /// Asks until it is known whether the commit with that mark was kept.
    private func settle<Result>(_ result: Result, _ mark: Int64) -> WriteOutcome<Result> {
        let deadline = Deadline.after(milliseconds: Self.patience)
        repeat {
            if let opened = try? connected() {
                switch confirm(mark, opened) {
                case .some(true): return .committed(result)
                case .some(false): return .rolledBack(.busy)
                case nil: self.opened = nil
                }
            }
            BlockingThread.pause(milliseconds: 20)
        } while !deadline.isOver
        return .unresolved(.failed(reason: "the connection was lost while it committed"))
    }

    /// Whether the mark was kept; nil if this could not be found out.
    ///
    /// With the lock in hand the other transaction is over. The answer counts once a commit after it is durable: then
    /// the one before it is as well, on every standby that must have it.
    private func confirm(_ mark: Int64, _ opened: PostgresDoor.Opened) -> Bool? {
        let session = PostgresSession(opened.link, isHopeful: false)
        do throws(StoreError) {
            try begin(session, opened)
            let row = try session.row("SELECT mark FROM keyreeve_writer WHERE writer = ?", [.text(writer)])
            guard let found = try row?.integer(0) else { return nil }
            try session.run("UPDATE keyreeve_writer SET asked = asked + 1 WHERE writer = ?", [.text(writer)])
            guard case .ended(.committed) = commit((), found, opened.link) else { return nil }
            return found == mark
        } catch {
            return nil
        }
    }
}
