import Authority
import CPQ

/// What a statement brought: its rows, or how many it changed.
struct PostgresAnswer {
    let rows: [SQLRow]
    let changed: Int
    /// `COMMIT`, `ROLLBACK`, `INSERT 0 1` …
    let tag: String

    /// Reads a result of libpq in binary format.
    init(_ result: OpaquePointer) throws(LinkError) {
        switch unsafe PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
        case PGRES_PIPELINE_ABORTED: throw .skipped
        default: throw .refused(unsafe LinkError.Complaint(result))
        }
        tag = unsafe PQcmdStatus(result).map { unsafe String(cString: $0) } ?? ""
        changed = unsafe PQcmdTuples(result).flatMap { unsafe Int(String(cString: $0)) } ?? 0
        let width = unsafe PQnfields(result)
        let types = (0..<width).map { unsafe PQftype(result, $0) }
        let height = unsafe PQntuples(result)
        rows = (0..<height).map { row in
            SQLRow((0..<width).map { column in unsafe SQLValue(result, row, column, types[Int(column)]) })
        }
    }
}

extension LinkError.Complaint {
    /// Which messages of the server hold no values: those on connections, rights, resources and transactions, and on a table that
    /// is there already.
    private static let plain = ["08", "25", "28", "3D", "40", "53", "55", "57", "58", "42501", "42P07"]

    fileprivate init(_ result: OpaquePointer) {
        code = unsafe pq_sqlstate(result).map { unsafe String(cString: $0) } ?? "?????"
        let message = unsafe pq_message(result).map { unsafe String(cString: $0) }
        let names = [
            unsafe pq_table(result).map { unsafe String(cString: $0) },
            unsafe pq_constraint(result).map { unsafe String(cString: $0) },
        ]
        let isPlain = Self.plain.contains(where: code.hasPrefix)
        let known = isPlain ? message : names.compactMap(\.self).joined(separator: ", ")
        text = known.flatMap { $0.isEmpty ? nil : $0 } ?? "refused"
    }
}

/// Types as the server numbers them (pg_type.dat).
private enum TypeID {
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
}

extension SQLValue {
    /// The type that is named when a statement is prepared; 0 lets the server tell.
    var oid: Oid {
        switch self {
        case .null: 0
        case .integer: TypeID.int8
        case .text: TypeID.text
        case .bytes: TypeID.bytea
        }
    }

    fileprivate init(_ result: OpaquePointer, _ row: Int32, _ column: Int32, _ type: Oid) {
        guard unsafe PQgetisnull(result, row, column) == 0, let start = unsafe PQgetvalue(result, row, column)
        else {
            self = .null
            return
        }
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
        switch type {
        case TypeID.int8, TypeID.int4, TypeID.int2, TypeID.bool:
            self = .integer(unsafe bytes.integer)
        case TypeID.bytea: self = .bytes(unsafe Array(bytes))
        default: self = .text(unsafe String(decoding: bytes, as: UTF8.self))
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Of 1 to 8 bytes in network order; all but one byte are signed.
    fileprivate var integer: Int64 {
        let bits = unsafe reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let unused = UInt64(64 - 8 * Swift.min(count, 8))
        return count == 1 ? Int64(bits) : Int64(bitPattern: bits << unused) >> Int64(unused)
    }
}
