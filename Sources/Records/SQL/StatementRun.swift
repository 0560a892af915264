import Authority
import GRDB
import GRDBSQLite

/// One run of a compiled statement: values in, steps, columns out, with nothing between us and the engine.
///
/// GRDB keeps the connection and the statements; its rows, arguments and observers cost more per statement than the
/// statement itself. The statement is reset when the run ends, so that it holds no lock.
@safe struct StatementRun: ~Copyable {
    private let handle: OpaquePointer
    private let connection: OpaquePointer?

    /// - Throws: `DatabaseError`
    init(_ sql: String, in database: Database) throws {
        unsafe handle = try database.cachedStatement(sql: sql).sqliteStatement
        unsafe connection = database.sqliteConnection
    }

    /// Gives each `?` its value, before the first step.
    ///
    /// - Throws: `DatabaseError`, also when the number of values is not that of the statement.
    func bind(_ values: [SQLValue]) throws {
        guard unsafe sqlite3_bind_parameter_count(handle) == values.count else {
            throw DatabaseError(resultCode: .SQLITE_RANGE, message: "values do not fit the statement")
        }
        var position: CInt = 0
        for value in values {
            position += 1
            try check(bind(value, at: position), SQLITE_OK)
        }
    }

    deinit {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
    }

    /// Whether there is another row.
    mutating func step() throws -> Bool {
        let code = unsafe sqlite3_step(handle)
        guard code != SQLITE_ROW else { return true }
        try check(code, SQLITE_DONE)
        return false
    }

    /// The present row.
    func row() -> SQLRow {
        let count = unsafe sqlite3_column_count(handle)
        var columns: [SQLValue] = []
        columns.reserveCapacity(Int(count))
        for index in 0..<count { columns.append(column(index)) }
        return SQLRow(columns)
    }

    /// Rows changed by the statement that ended last.
    var changes: Int { unsafe Int(sqlite3_changes(connection)) }

    private func bind(_ value: SQLValue, at index: CInt) -> CInt {
        switch value {
        case .null: return unsafe sqlite3_bind_null(handle, index)
        case .integer(let value): return unsafe sqlite3_bind_int64(handle, index, value)
        case .bytes(let value):
            // A null pointer would mean NULL, not the empty byte string.
            guard !value.isEmpty else { return unsafe sqlite3_bind_zeroblob(handle, index, 0) }
            return unsafe value.withUnsafeBytes {
                unsafe sqlite3_bind_blob(handle, index, $0.baseAddress, CInt($0.count), Self.copied)
            }
        case .text(let value):
            guard !value.isEmpty else { return unsafe sqlite3_bind_text(handle, index, "", 0, Self.copied) }
            var value = value
            return value.withUTF8 { bytes in
                unsafe bytes.withMemoryRebound(to: CChar.self) {
                    unsafe sqlite3_bind_text(handle, index, $0.baseAddress, CInt($0.count), Self.copied)
                }
            }
        }
    }

    private func column(_ index: CInt) -> SQLValue {
        switch unsafe sqlite3_column_type(handle, index) {
        case SQLITE_INTEGER: return .integer(unsafe sqlite3_column_int64(handle, index))
        case SQLITE_FLOAT: return .text(String(unsafe sqlite3_column_double(handle, index)))
        case SQLITE_TEXT:
            let text = unsafe sqlite3_column_text(handle, index)
            let count = unsafe Int(sqlite3_column_bytes(handle, index))
            return .text(
                unsafe String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            let blob = unsafe sqlite3_column_blob(handle, index)
            let count = unsafe Int(sqlite3_column_bytes(handle, index))
            return .bytes(unsafe Array(UnsafeRawBufferPointer(start: blob, count: count)))
        default: return .null
        }
    }

    private func check(_ code: CInt, _ expected: CInt) throws {
        guard code != expected else { return }
        let extended = unsafe sqlite3_extended_errcode(connection)
        let message = unsafe sqlite3_errmsg(connection).map { unsafe String(cString: $0) }
        throw DatabaseError(resultCode: ResultCode(rawValue: extended), message: message)
    }

    /// SQLITE_TRANSIENT: the engine copies what it is given.
    private static var copied: sqlite3_destructor_type? {
        unsafe unsafeBitCast(-1, to: sqlite3_destructor_type?.self)
    }
}
