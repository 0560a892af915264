import Authority
import GRDB
import Glibc
import Posix
import Synchronization

/// SQLite in one file: WAL, every commit synced, one writer, one process.
package final class SQLiteConnection: SQLConnection {
    package let dialect = SQLDialect.sqlite
    /// The lock file keeps other processes out.
    package let isShared = false
    private let writer: DatabaseQueue
    private let points: DatabaseQueue
    private let scans: DatabaseQueue
    private let lock: Mutex<FileLock?>
    private let path: String

    /// Bytes of a file that is read whole at each start: about a third of a second from a cold disk.
    private static let quickSize: Int64 = 67_108_864

    /// Opens the file, or makes it with mode 0600.
    ///
    /// - Throws: ``RecordsError/inUse(path:)`` while another process (or another value in this one) holds
    ///   `path` + `.lock`; ``RecordsError/notDurable(_:)``; ``RecordsError/engine(reason:)``.
    package init(path: String) throws(RecordsError) {
        lock = Mutex(try Self.lock(path))
        self.path = path
        do {
            try Self.makePrivate(path)
            writer = try DatabaseQueue(path: path, configuration: Self.configuration())
            points = try DatabaseQueue(path: path, configuration: Self.configuration(readonly: true))
            scans = try DatabaseQueue(path: path, configuration: Self.configuration(readonly: true))
            // GRDB sets NORMAL while it turns on WAL, by which the last commits could vanish with the power.
            try writer.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        } catch {
            throw .engine(reason: Self.reason(error))
        }
        let settings = try settings()
        guard settings == .required else { throw .notDurable(settings) }
    }

    /// What makes commits outlive a loss of power, as the engine itself states it.
    package struct Settings: Hashable, Sendable {
        /// 2 is FULL (sqlite.org/pragma.html#pragma_synchronous).
        package let synchronous: Int
        package let journalMode: String
        package let foreignKeys: Int

        package static let required = Settings(synchronous: 2, journalMode: "wal", foreignKeys: 1)
    }

    package func settings() throws(RecordsError) -> Settings {
        do {
            return try writer.writeWithoutTransaction { database in
                Settings(
                    synchronous: try Int.fetchOne(database, sql: "PRAGMA synchronous") ?? -1,
                    journalMode: try String.fetchOne(database, sql: "PRAGMA journal_mode") ?? "",
                    foreignKeys: try Int.fetchOne(database, sql: "PRAGMA foreign_keys") ?? -1)
            }
        } catch {
            throw .engine(reason: Self.reason(error))
        }
    }

    package func read<Result: Sendable>(
        _ lane: ReadLane,
        _ work: @escaping SQLWork<Result>,
        done: @escaping @Sendable (ReadOutcome<Result>) -> Void
    ) {
        switch lane {
        case .points:
            // On the caller's thread: a few rows by their key from the page cache take less than a change of threads.
            done(points.inDatabase { Self.answer(of: work, SQLiteSession($0)) })
        case .scans:
            scans.asyncWriteWithoutTransaction { done(Self.outcome(of: work, $0)) }
        }
    }

    /// A statement is a snapshot by itself.
    private static func answer<Result: Sendable>(
        of work: SQLWork<Result>, _ session: SQLiteSession
    ) -> ReadOutcome<Result> {
        do throws(StoreError) { return .done(try work(session)) } catch { return .failed(error) }
    }

    private static func outcome<Result: Sendable>(
        of work: SQLWork<Result>, _ database: Database
    ) -> ReadOutcome<Result> {
        let session = SQLiteSession(database)
        do throws(StoreError) {
            try session.run("BEGIN")
            let result = try work(session)
            try session.run("COMMIT")
            return .done(result)
        } catch {
            session.rollBack()
            return .failed(error)
        }
    }

    package func write<Result: Sendable>(
        _ work: @escaping SQLWork<Result>,
        done: @escaping @Sendable (WriteOutcome<Result>) -> Void
    ) {
        writer.asyncWriteWithoutTransaction { database in
            let session = SQLiteSession(database)
            let result: Result
            do throws(StoreError) {
                try session.run("BEGIN IMMEDIATE")
                result = try work(session)
            } catch {
                session.rollBack()
                return done(.rolledBack(error))
            }
            done(session.commit(result))
        }
    }

    /// Beside the other connections, so that nobody waits for it.
    package func damage(
        _ depth: InspectionDepth, done: @escaping @Sendable (String?) -> Void
    ) -> @Sendable () -> Void {
        guard depth == .whole || size <= Self.quickSize else {
            done(nil)
            return {}
        }
        do {
            let checker = try DatabaseQueue(path: path, configuration: Self.configuration(readonly: true))
            checker.asyncWriteWithoutTransaction { done(Self.damage($0)) }
            return { checker.interrupt() }
        } catch {
            done(Self.reason(error))
            return {}
        }
    }

    private static func damage(_ database: Database) -> String? {
        do {
            let found = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
            return found == "ok" ? nil : found ?? "no answer"
        } catch let error as DatabaseError where error.resultCode == .SQLITE_INTERRUPT {
            return nil
        } catch {
            return reason(error)
        }
    }

    /// Bytes of the file; 0 where it cannot be asked.
    private var size: Int64 { (try? DurableFile(path).size()) ?? 0 }

    package func close() {
        for connection in [points, scans, writer] { try? connection.close() }
        lock.withLock { $0 = nil }
    }

    private static func configuration(readonly: Bool = false) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = readonly
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        configuration.journalMode = readonly ? .default : .wal
        configuration.label = "keyreeve.sqlite"
        configuration.prepareDatabase { database in
            // 16 MiB of pages; and what a savepoint would bring back stays in memory, where the default spills to files.
            try database.execute(sql: "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    private static func lock(_ path: String) throws(RecordsError) -> FileLock {
        do throws(PosixError) {
            return try FileLock(path + ".lock")
        } catch {
            guard error.code == EWOULDBLOCK else { throw .engine(reason: error.description) }
            throw .inUse(path: path)
        }
    }

    /// SQLite gives its `-wal` and `-shm` files the mode of the database.
    private static func makePrivate(_ path: String) throws(PosixError) {
        let file = DurableFile(path)
        do {
            _ = try file.access()
        } catch  where error.isAbsent {
            try file.create([], mode: 0o600)
        }
    }

    /// Without statements and values: they may hold what must not be logged.
    static func reason(_ error: any Error) -> String {
        guard let error = error as? DatabaseError else { return "\(error)" }
        return "SQLite \(error.extendedResultCode.rawValue): \(error.message ?? "no message")"
    }
}
