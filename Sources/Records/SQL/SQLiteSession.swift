import Authority
import GRDB

/// One transaction of SQLite, with its statements kept compiled from one to the next.
struct SQLiteSession: SQLSession {
    private let database: Database

    init(_ database: Database) { self.database = database }

    @discardableResult
    func run(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> Int {
        try translate {
            var statement = try start(sql, values)
            while try statement.step() {}
            return statement.changes
        }
    }

    func rows(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> [SQLRow] {
        try translate {
            var statement = try start(sql, values)
            var rows: [SQLRow] = []
            while try statement.step() { rows.append(statement.row()) }
            return rows
        }
    }

    /// One connection writes: the transaction itself is the lock.
    func lock(_ name: String) {}

    /// One process has the file: there is nobody to tell.
    func notify(_ topic: String) {}

    /// Ends the transaction for good, and says what is known of it.
    func commit<Result>(_ result: Result) -> WriteOutcome<Result> {
        do {
            var statement = try start("COMMIT", [])
            while try statement.step() {}
            return .committed(result)
        } catch {
            rollBack()
            guard isFullOrBusy(error) else { return .unknown(Self.storeError(error)) }
            return .rolledBack(Self.storeError(error))
        }
    }

    /// After some errors the engine has rolled back already.
    func rollBack() {
        guard database.isInsideTransaction else { return }
        try? database.execute(sql: "ROLLBACK")
    }

    private func start(_ sql: String, _ values: [SQLValue]) throws -> StatementRun {
        let statement = try StatementRun(sql, in: database)
        try statement.bind(values)
        return statement
    }

    private func translate<Value>(_ body: () throws -> Value) throws(StoreError) -> Value {
        do { return try body() } catch { throw Self.storeError(error) }
    }

    private static func storeError(_ error: any Error) -> StoreError {
        guard let known = error as? DatabaseError else { return .failed(reason: "\(error)") }
        if known.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY { return .conflict(.missing) }
        if known.resultCode == .SQLITE_BUSY { return .busy }
        return .failed(reason: SQLiteConnection.reason(error))
    }

    /// A full disk or a reader in the way: the transaction is undone, and the next may be tried.
    private func isFullOrBusy(_ error: any Error) -> Bool {
        guard let code = (error as? DatabaseError)?.resultCode else { return false }
        return code == .SQLITE_FULL || code == .SQLITE_BUSY
    }
}
