package import Authority
import Posix
package import SSHFormats
import Synchronization

/// Everything that the authority keeps: every storage port over one SQL connection.
package final class Records: Sendable {
    let points: ReadQueues
    let scans: ReadQueues
    let commits: CommitQueue
    let counts: StandingCounts
    let sessions: StandingCache<[UInt8], SessionFound>
    let hosts: StandingCache<String, [Identity]>
    let policyVersions: StandingCache<PolicyQuestion, UInt64>
    package let expected: ExpectedEntries
    let presence: Presence
    /// This life of the process, for blocks of serials.
    let run: String
    let connection: any SQLConnection
    let now: @Sendable () -> UnixTime

    /// Opens the SQLite database at `path`, or makes it.
    ///
    /// - Parameters:
    ///   - mostSessions: Sessions of one identity that are open at once; one more ends the one used longest ago.
    ///   - now: The time of day, by which remembered replies run out.
    /// - Throws: ``RecordsError``: another process has it open, it is newer, damaged or not durable.
    package convenience init(
        path: String, mostSessions: Int = Records.mostSessions,
        now: @escaping @Sendable () -> UnixTime = { UnixTime(WallClock.now()) }
    ) async throws(RecordsError) {
        try await self.init(try SQLiteConnection(path: path), mostSessions: mostSessions, now: now)
    }

    /// As many as a fleet of jobs may need that all sign in as one.
    package static let mostSessions = 1_024

    /// What a database is opened for.
    package enum Purpose: Sendable {
        /// To work with it: it must be the one in force.
        case use
        /// To bring it back from a move.
        case recovery
    }

    package init(
        _ connection: any SQLConnection, for purpose: Purpose = .use,
        mostSessions: Int = Records.mostSessions, patience: Duration = CommitQueue.patience,
        now: @escaping @Sendable () -> UnixTime
    ) async throws(RecordsError) {
        self.connection = connection
        self.now = now
        points = ReadQueues(connection, .points)
        scans = ReadQueues(connection, .scans)
        counts = StandingCounts(connection, points)
        expected = ExpectedEntries()
        presence = Presence()
        commits = CommitQueue(
            connection, counts, presence, expected, patience: patience, mostSessions: mostSessions, now: now)
        sessions = StandingCache(.sessions, counts)
        hosts = StandingCache(.places, counts)
        policyVersions = StandingCache(.places, counts)
        run = String(UInt64.random(in: .min ... .max), radix: 16)
        do throws(RecordsError) {
            try await migrate(connection.dialect)
            if purpose == .use { try await checkMoves() }
            try await check()
            if purpose == .use { fillPresence() }
        } catch {
            connection.close()
            throw error
        }
    }

    /// Reads everything again, with pauses: the engine's structures and the whole ledger. After damage nothing is
    /// kept any more, so nothing is issued, until the program starts again.
    ///
    /// - Parameter pause: Between a thousand leaves and the next, so that others come first.
    /// - Returns: What was found, for the log and for `/readyz`; nil if all is well, or if the task was cancelled.
    package func inspect(pause: Duration = .zero) async throws(StoreError) -> String? {
        let found: String?
        if let damage = await engineDamage(.whole) {
            found = "the database file is damaged (\(damage)): restore a backup"
        } else {
            found = try await firstDamage(pause: pause).map {
                "the ledger is damaged at index \($0): restore a backup"
            }
        }
        if let found { commits.seal(found) }
        return found
    }

    /// Why nothing can be kept at present; nil once something was. For whoever operates the server.
    package var trouble: String? { commits.trouble }

    private func engineDamage(_ depth: InspectionDepth) async -> String? {
        let stop = Mutex<(@Sendable () -> Void)?>(nil)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { caller in
                let end = connection.damage(depth) { caller.resume(returning: $0) }
                stop.withLock { $0 = end }
                if Task.isCancelled { end() }
            }
        } onCancel: {
            stop.withLock { $0 }?()
        }
    }

    /// Waits for what was asked for before, then lets go of the database; another process may open it.
    package func close() async {
        _ = try? await commits.perform { _ in }
        _ = try? await points.perform { _ in }
        _ = try? await scans.perform { _ in }
        connection.close()
    }

    private func migrate(_ dialect: SQLDialect) async throws(RecordsError) {
        let found = try await opening { records throws(StoreError) in
            try await records.commits.perform { group throws(StoreError) in
                let present = try Schema.present(group.session)
                if present < Schema.version {
                    try Schema.migrate(group.session, dialect, from: present, at: group.now)
                }
                return present
            }
        }
        guard found <= Schema.version else { throw .newerSchema(found: found, known: Schema.version) }
    }

    /// Whether this is the database in force.
    private func checkMoves() async throws(RecordsError) {
        let mark = try await opening { records throws(StoreError) in
            try await records.points.perform { session throws(StoreError) -> String? in
                try session.row("SELECT moved FROM keepsake WHERE id = 1", [])?
                    .optional(0) { (row, column) throws(StoreError) in try row.text(column) }
            }
        }
        guard let mark else { return }
        throw mark == Move.unfinished ? .halfMoved : .movedAway(to: mark)
    }

    private func check() async throws(RecordsError) {
        if let found = await engineDamage(.quick) { throw .unsound(found) }
        let damage = try await opening { records throws(StoreError) in
            try await records.scans.perform { session throws(StoreError) in
                try LedgerCheck(session).damageAtEnd()
            }
        }
        if let damage { throw .damaged(index: damage) }
    }

    private func opening<Value>(
        _ body: (Records) async throws(StoreError) -> Value
    ) async throws(RecordsError) -> Value {
        do throws(StoreError) {
            return try await patiently(body)
        } catch {
            switch error {
            case .failed(let reason): throw .engine(reason: reason)
            case .busy: throw .engine(reason: "busy")
            case .conflict: throw .engine(reason: "conflict")
            }
        }
    }

    /// Another node may be doing the same first, which can take a while.
    private func patiently<Value>(
        _ body: (Records) async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        for _ in 0..<20 {
            do throws(StoreError) { return try await body(self) } catch {
                guard error == .busy else { throw error }
                try? await Task.sleep(for: .milliseconds(250))
            }
        }
        throw .busy
    }
}
