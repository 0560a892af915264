import Authority
import Crypto

/// What a table holds, whatever the order of its rows and the engine: their number, and the sum of their SHA-256.
struct TableDigest: Hashable, Sendable {
    private(set) var rows: UInt64 = 0
    /// The hashes as four numbers each, added up modulo 2^64.
    private var sums: [UInt64] = [0, 0, 0, 0]

    /// Reads all of it, page by page.
    init(of table: StoredTable, in connection: any SQLConnection) async throws(StoreError) {
        var last: [SQLValue] = []
        while true {
            let after = last
            let page = try await connection.reading { session throws(StoreError) in
                try table.rows(after: after, session)
            }
            guard let end = page.last else { return }
            let width = table.columns.count
            for row in page { add(try row.values(from: 0, count: width), times: try row.count(width)) }
            last = try end.values(from: width + 1, count: table.key.count)
        }
    }

    private mutating func add(_ values: [SQLValue], times count: UInt64) {
        var hash = SHA256()
        for value in values { hash.update(data: Self.bytes(value)) }
        let digest = Array(hash.finalize())
        for index in sums.indices {
            let word = digest.dropFirst(8 * index).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            sums[index] &+= word &* count
        }
        rows += count
    }

    /// Its kind, its length and itself.
    private static func bytes(_ value: SQLValue) -> [UInt8] {
        switch value {
        case .null: [0]
        case .integer(let number): [1] + bigEndian(UInt64(bitPattern: number))
        case .text(let text): [2] + bigEndian(UInt64(text.utf8.count)) + Array(text.utf8)
        case .bytes(let bytes): [3] + bigEndian(UInt64(bytes.count)) + bytes
        }
    }

    private static func bigEndian(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
    }
}
