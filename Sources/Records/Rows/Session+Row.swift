import Authority
import SSHFormats

extension Session {
    /// The columns that ``init(_:)`` reads, in its order.
    static let columns = """
        s.id, s.identity, s.device, s.factors, s.bound_to, s.source, s.started_at, s.last_used_at, s.ended_at
        """
    static let columnCount = 9

    init(_ row: SQLRow) throws(StoreError) {
        self.init(
            id: try row.text(0),
            identity: try row.id(1),
            device: try row.optional(2) { (row, column) throws(StoreError) in try row.id(column) },
            factors: try Self.factors(try row.text(3)),
            boundTo: try row.fingerprint(4),
            source: try row.text(5),
            startedAt: try row.time(6),
            lastUsedAt: try row.time(7),
            endedAt: try row.optional(8) { (row, column) throws(StoreError) in try row.time(column) })
    }

    /// The values of the columns above.
    var values: [SQLValue] {
        [
            .text(id), .id(identity), .id(device), .text(Self.text(factors)), .bytes(boundTo.bytes),
            .text(source), .time(startedAt), .time(lastUsedAt), .time(endedAt),
        ]
    }

    /// `password=1700000000 totp=1700000010`
    static func text(_ factors: ProvenFactors) -> String {
        factors.map { "\($0.key.rawValue)=\($0.value.seconds)" }.sorted().joined(separator: " ")
    }

    private static func factors(_ text: String) throws(StoreError) -> ProvenFactors {
        var factors: ProvenFactors = [:]
        for part in text.split(separator: " ") {
            let sides = part.split(separator: "=")
            guard sides.count == 2, let name = sides.first, let factor = Factor(rawValue: String(name)),
                let time = sides.last.flatMap({ UInt64($0) })
            else { throw .unreadable("factors of a session") }
            factors[factor] = UnixTime(time)
        }
        return factors
    }
}
