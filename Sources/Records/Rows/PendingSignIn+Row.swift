import Authority
import SSHFormats

extension PendingSignIn {
    /// The columns that ``init(_:)`` reads, in its order.
    static let columns = "id, identity, number, bound_to, source, asked_at, decision, purpose"

    init(_ row: SQLRow) throws(StoreError) {
        self.init(
            id: try row.text(0), identity: try row.id(1), purpose: try row.one(Purpose.self, 7),
            number: try row.text(2),
            key: try row.fingerprint(3), source: try row.text(4), askedAt: try row.time(5),
            decision: try row.optional(6) { (row, column) throws(StoreError) in
                try row.one(Decision.self, column)
            })
    }

    /// The values of the columns above.
    var values: [SQLValue] {
        [
            .text(id), .id(identity), .text(number), .bytes(key.bytes), .text(source), .time(askedAt),
            .text(decision?.rawValue), .text(purpose.rawValue),
        ]
    }
}
