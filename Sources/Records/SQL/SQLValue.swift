import Authority
import Names
import SSHFormats

/// A value in a statement or a row.
package enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case bytes([UInt8])

    static func text(_ value: String?) -> SQLValue { value.map { .text($0) } ?? .null }
    static func bytes(_ value: [UInt8]?) -> SQLValue { value.map { .bytes($0) } ?? .null }
    static func id(_ value: IdentityID?) -> SQLValue { value.map { .text($0.description) } ?? .null }
    /// Seconds; what lies beyond 2^63 - 1 counts as ``UnixTime/forever``.
    static func time(_ value: UnixTime?) -> SQLValue {
        value.map { .integer(Int64(clamping: $0.seconds)) } ?? .null
    }
    /// A count or an index, below 2^63.
    static func count(_ value: UInt64) -> SQLValue { .integer(Int64(clamping: value)) }
    /// All 64 bits, in two's complement; unique, but ordered only below 2^63.
    static func bits(_ value: UInt64) -> SQLValue { .integer(Int64(bitPattern: value)) }
}

/// One row of an answer. Reading a column as something that it is not means that the database was altered.
package struct SQLRow: Hashable, Sendable {
    private let columns: [SQLValue]

    package init(_ columns: [SQLValue]) { self.columns = columns }

    func value(_ column: Int) throws(StoreError) -> SQLValue {
        guard columns.indices.contains(column) else { throw .unreadable("column \(column) is missing") }
        return columns[column]
    }

    func integer(_ column: Int) throws(StoreError) -> Int64 {
        guard case .integer(let value) = try value(column) else { throw .unreadable("column \(column)") }
        return value
    }

    func text(_ column: Int) throws(StoreError) -> String {
        guard case .text(let value) = try value(column) else { throw .unreadable("column \(column)") }
        return value
    }

    func bytes(_ column: Int) throws(StoreError) -> [UInt8] {
        guard case .bytes(let value) = try value(column) else { throw .unreadable("column \(column)") }
        return value
    }

    func isNull(_ column: Int) throws(StoreError) -> Bool { try value(column) == .null }

    func count(_ column: Int) throws(StoreError) -> UInt64 {
        guard let value = UInt64(exactly: try integer(column)) else { throw .unreadable("column \(column)") }
        return value
    }

    func bits(_ column: Int) throws(StoreError) -> UInt64 { UInt64(bitPattern: try integer(column)) }

    func time(_ column: Int) throws(StoreError) -> UnixTime {
        let seconds = try count(column)
        return seconds == UInt64(Int64.max) ? .forever : UnixTime(seconds)
    }

    func id(_ column: Int) throws(StoreError) -> IdentityID {
        let text = try text(column)
        do { return try IdentityID(text) } catch { throw .unreadable("an identity in column \(column)") }
    }

    func fingerprint(_ column: Int) throws(StoreError) -> Fingerprint {
        let bytes = try bytes(column)
        guard let fingerprint = try? Fingerprint(bytes: bytes) else {
            throw .unreadable("a fingerprint in column \(column)")
        }
        return fingerprint
    }

    /// The value, or nil where the column is null.
    func optional<Value>(
        _ column: Int, _ read: (SQLRow, Int) throws(StoreError) -> Value
    ) throws(StoreError) -> Value? {
        try isNull(column) ? nil : try read(self, column)
    }

    /// The case with that raw value.
    func one<Value: RawRepresentable<String>>(
        _ type: Value.Type, _ column: Int
    ) throws(StoreError) -> Value {
        guard let value = Value(rawValue: try text(column)) else {
            throw .unreadable("column \(column) holds no \(type)")
        }
        return value
    }
}

extension StoreError {
    /// A stored value that we never wrote.
    static func unreadable(_ what: String) -> StoreError { .failed(reason: "unreadable row: \(what)") }
}
