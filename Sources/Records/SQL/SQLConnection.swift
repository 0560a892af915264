package import Authority

/// One SQL engine: read transactions, write transactions, and nothing else.
///
/// Statements stand in the common subset of SQLite ≥ 3.40 and PostgreSQL ≥ 13, with `?` for values. Work runs
/// on threads of the connection's own, never on the cooperative pool, and so does `done`; but a lane of short reads
/// may run on the caller's thread, `done` included, where that is quicker than a change of threads. Results are
/// handed to a callback rather than awaited because every hop costs more than the statement itself.
package protocol SQLConnection: Sendable {
    var dialect: SQLDialect { get }
    /// Whether other processes write too.
    var isShared: Bool { get }

    /// Runs `work` in one read transaction that sees everything committed before the call.
    func read<Result: Sendable>(
        _ lane: ReadLane,
        _ work: @escaping SQLWork<Result>,
        done: @escaping @Sendable (ReadOutcome<Result>) -> Void)

    /// How many reads of a lane may be under way at once.
    func width(_ lane: ReadLane) -> Int

    /// Runs `work` in one write transaction, after those asked for before it. What `work` throws rolls back.
    func write<Result: Sendable>(
        _ work: @escaping SQLWork<Result>,
        done: @escaping @Sendable (WriteOutcome<Result>) -> Void)

    /// Reads the engine's own structures: what is wrong, in the engine's words; nil where all is well, or where a
    /// server of its own looks after that.
    ///
    /// - Returns: What ends the reading early; then nothing is said to be wrong.
    func damage(
        _ depth: InspectionDepth, done: @escaping @Sendable (String?) -> Void
    ) -> @Sendable () -> Void

    /// Calls `heard` with the topic of every change that any node commits from now on, and with nil where some may
    /// have been missed.
    func listen(_ heard: @escaping @Sendable (String?) -> Void)

    /// Ends the connection once what runs has ended; what is asked for later fails.
    func close()
}

extension SQLConnection {
    package func width(_ lane: ReadLane) -> Int { 1 }

    /// Nobody but this process commits.
    package func listen(_ heard: @escaping @Sendable (String?) -> Void) {}

    package func damage(
        _ depth: InspectionDepth, done: @escaping @Sendable (String?) -> Void
    ) -> @Sendable () -> Void {
        done(nil)
        return {}
    }
}

/// How much may be read to find damage.
package enum InspectionDepth: Hashable, Sendable {
    /// What takes well under a second.
    case quick
    /// Everything.
    case whole
}

/// What is done in a transaction. An engine may do it again from the start, after undoing what it did.
package typealias SQLWork<Result> = @Sendable (any SQLSession) throws(StoreError) -> Result

/// Short reads do not wait behind long ones.
package enum ReadLane: Hashable, Sendable, CaseIterable {
    /// A few rows by their key, by one statement: several would not be one snapshot.
    case points
    /// Lists, proofs, revocations.
    case scans
}

package enum ReadOutcome<Result: Sendable>: Sendable {
    case done(Result)
    case failed(StoreError)
}

package enum WriteOutcome<Result: Sendable>: Sendable {
    /// Durable: it outlives a loss of power.
    case committed(Result)
    /// Nothing was kept; the engine is sound.
    case rolledBack(StoreError)
    /// The commit itself failed: whether it will be found after a restart is not known, and no later commit
    /// of this connection can be trusted (a failed fsync(2) is not to be repeated).
    case unknown(StoreError)
    /// Whether it was kept could not be found out in time; the engine is sound and goes on.
    case unresolved(StoreError)
}

/// One transaction, on the thread that runs it.
package protocol SQLSession {
    /// Runs a statement.
    ///
    /// - Returns: The number of rows that it changed.
    /// - Throws: `.conflict(.missing)` where a reference has no target, `.busy`, `.failed`.
    @discardableResult
    func run(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> Int

    /// Runs a statement that nearly always changes `count` rows: an engine that is far away may go on as though it
    /// had, and do the whole work again if it did not.
    func run(_ sql: String, _ values: [SQLValue], usually count: Int) throws(StoreError) -> Int

    /// Runs a statement where nobody asks how many rows it changed; an engine that is far away need not wait for it.
    func send(_ sql: String, _ values: [SQLValue]) throws(StoreError)

    /// Begins a part of the transaction, keeps it or undoes it.
    func mark(_ step: PartStep) throws(StoreError)

    /// Asks for rows, each with its columns in the order of the statement.
    func rows(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> [SQLRow]

    /// Keeps every other transaction that asks for the same lock waiting until this one ends. Nothing to do
    /// where the engine has one writer.
    func lock(_ name: String) throws(StoreError)

    /// Tells the other nodes, once committed, that a thing changed. Nothing to do where there is one node.
    func notify(_ topic: String) throws(StoreError)
}

/// Where a part of a transaction, that can be undone alone, begins and ends.
package enum PartStep: Hashable, Sendable {
    case begin, keep, undo

    package var statements: [String] {
        switch self {
        case .begin: ["SAVEPOINT part"]
        case .keep: ["RELEASE part"]
        case .undo: ["ROLLBACK TO part", "RELEASE part"]
        }
    }
}

extension SQLSession {
    package func run(_ sql: String, _ values: [SQLValue], usually count: Int) throws(StoreError) -> Int {
        try run(sql, values)
    }
    package func send(_ sql: String, _ values: [SQLValue]) throws(StoreError) { try run(sql, values) }
    package func mark(_ step: PartStep) throws(StoreError) {
        for sql in step.statements { try run(sql) }
    }

    @discardableResult
    func run(_ sql: String) throws(StoreError) -> Int { try run(sql, []) }
    func rows(_ sql: String) throws(StoreError) -> [SQLRow] { try rows(sql, []) }
    func row(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> SQLRow? {
        try rows(sql, values).first
    }
}

/// What the engines name differently.
package struct SQLDialect: Hashable, Sendable {
    /// Type of byte strings.
    package let blob: String
    /// Type of texts that sort by their bytes.
    package let text: String
    /// Type of a primary key of whole numbers that grow.
    package let key: String
    /// What follows the table whose rows are found by a key of several columns alone.
    package let clustered: String
    /// The literal of the empty byte string.
    package let emptyBlob: String
    /// Asks for the names of all tables where ours go.
    package let tables: String

    package static let sqlite = SQLDialect(
        blob: "BLOB", text: "TEXT", key: "INTEGER", clustered: " WITHOUT ROWID", emptyBlob: "X''",
        tables: "SELECT name FROM sqlite_master WHERE type = 'table'")
    package static let postgres = SQLDialect(
        blob: "BYTEA", text: "TEXT COLLATE \"C\"", key: "BIGINT", clustered: "",
        emptyBlob: "''",
        tables: "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema()")
}
