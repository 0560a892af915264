import Authority
import GRDB
import Ledger
import Posix
package import SSHFormats

/// What can be seen of a database while a server is at work on it. Nothing is written.
package struct DatabaseLook: Sendable {
    /// Whether a server has it open.
    package let isInUse: Bool
    /// The settings by which commits outlive a loss of power, in the engine's words.
    package let durability: [String: String]
    /// Those of them that would lose commits.
    package let faults: [String]
    package let ledger: LedgerLook
    /// 0 before the first start.
    package let policyVersion: UInt64
    package let keepsake: Keepsake

    /// The ledger's end.
    package struct LedgerLook: Sendable {
        package let size: UInt64
        package let newestEvent: UnixTime?
        /// Size of the newest checkpoint; nil before the first.
        package let checkpoint: UInt64?
        /// Whether the events lead to the root that the newest checkpoint has.
        package let fitsCheckpoint: Bool
        /// Hashes are kept of these, the first ones, alone.
        package let pruned: UInt64
        /// The mark of the keys that the database was begun with; nil before the first start.
        package let keys: UInt64?
        /// Root at the size that was asked for; nil where there are fewer events.
        package let root: [UInt8]?
    }

    private init(
        isInUse: Bool, durability: [String: String], faults: [String], _ session: any SQLSession,
        rootAt size: UInt64?
    ) throws(StoreError) {
        self.isInUse = isInUse
        self.durability = durability
        self.faults = faults
        ledger = try LedgerLook(session, rootAt: size)
        policyVersion = try Records.policyVersion(session)
        keepsake = try Keepsake(session)
    }

    /// Looks into an SQLite file.
    ///
    /// - Parameter size: Of which size the root is wanted.
    package static func file(_ path: String, rootAt size: UInt64?) async throws(RecordsError) -> DatabaseLook
    {
        do {
            // Nobody has it: what a server would get is read back. The lock is held for as long as that takes.
            let connection = try SQLiteConnection(path: path)
            defer { connection.close() }
            let settings = try connection.settings()
            return try await connection.reading { session throws(StoreError) in
                try DatabaseLook(
                    isInUse: false, durability: Self.words(settings), faults: [], session, rootAt: size)
            }
        } catch RecordsError.inUse {
            return try beside(path, rootAt: size)
        } catch let error as RecordsError {
            throw error
        } catch {
            throw .engine(reason: "\(error)")
        }
    }

    /// The journal stands in the file; `synchronous` is the server's own, which reads it back and does not serve otherwise.
    private static func beside(_ path: String, rootAt size: UInt64?) throws(RecordsError) -> DatabaseLook {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let database = try DatabaseQueue(path: path, configuration: configuration)
            return try database.read { database in
                let journal = try String.fetchOne(database, sql: "PRAGMA journal_mode") ?? ""
                return try DatabaseLook(
                    isInUse: true, durability: ["journal_mode": journal],
                    faults: journal == "wal" ? [] : ["journal_mode = \(journal)"], SQLiteSession(database),
                    rootAt: size)
            }
        } catch {
            throw .engine(reason: SQLiteConnection.reason(error))
        }
    }

    /// Asks a PostgreSQL server, which other servers may be using.
    package static func server(
        _ address: PostgresAddress, rootAt size: UInt64?
    ) async throws(RecordsError) -> DatabaseLook {
        let connection = try await PostgresConnection(address, node: nil)
        defer { connection.close() }
        let names = ["fsync", "full_page_writes", "synchronous_commit"]
        do throws(StoreError) {
            return try await connection.reading { session throws(StoreError) in
                var durability: [String: String] = [:]
                for name in names {
                    durability[name] = try session.row("SELECT current_setting(?)", [.text(name)])?.text(0)
                }
                let faults = durability.filter { $0.value == "off" }.map { "\($0.key) = off" }.sorted()
                return try DatabaseLook(
                    isInUse: true, durability: durability, faults: faults, session, rootAt: size)
            }
        } catch {
            throw .engine(reason: "\(error)")
        }
    }

    private static func words(_ settings: SQLiteConnection.Settings) -> [String: String] {
        ["synchronous": settings.synchronous == 2 ? "full" : "\(settings.synchronous)"]
            .merging(["journal_mode": settings.journalMode]) { $1 }
    }
}

extension DatabaseLook.LedgerLook {
    fileprivate init(_ session: any SQLSession, rootAt wanted: UInt64?) throws(StoreError) {
        let head = try LedgerHead(session)
        size = head.size
        newestEvent = try Event.newest(session)
        let kept = try session.row("SELECT size, root FROM checkpoint ORDER BY size DESC LIMIT 1", [])
        let tree = StoredTree(session)
        if let kept {
            let size = try kept.count(0)
            checkpoint = size
            let root = size <= head.size ? try tree.root(size: size).bytes : nil
            fitsCheckpoint = root == (try kept.bytes(1))
        } else {
            checkpoint = nil
            fitsCheckpoint = true
        }
        pruned = try PruningMark(session).index
        keys = try session.row("SELECT value FROM counter WHERE name = 'installation.lasting keys'", [])?
            .bits(0)
        if let wanted, wanted <= head.size { root = try tree.root(size: wanted).bytes } else { root = nil }
    }
}
