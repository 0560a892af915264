import Authority
import SSHFormats

/// What most requests ask for and hardly any finds: a reply for their Idempotency-Key, and whether their key is known.
///
/// Only where this process alone writes; where others do, every question goes to the database.
struct Presence: Sendable {
    /// Replies are remembered for a day; an hour more, so that a clock may be set.
    let claims = PresenceFilter(bits: 1 << 24, lasting: 90_000)
    /// Keys that are registered or revoked.
    let keys = PresenceFilter(bits: 1 << 20)
}

extension Records {
    /// Rows that are read at once, so that other lists come in between.
    private static let page: Int64 = 4_096

    /// Reads what is stored already; until it is read, the database is asked.
    func fillPresence() {
        guard !connection.isShared else { return }
        fill(presence.claims, from: [("claim", "scope_hash")], after: [])
        let keys = [("registered_key", "fingerprint"), ("revoked_key", "fingerprint")]
        fill(presence.keys, from: keys, after: [])
    }

    private func fill(
        _ filter: PresenceFilter, from columns: [(table: String, name: String)], after last: [UInt8]
    ) {
        guard let column = columns.first else { return filter.complete() }
        connection.read(.scans) { session throws(StoreError) in
            try session.rows(
                """
                SELECT \(column.name) FROM \(column.table) WHERE \(column.name) > ? ORDER BY \(column.name) LIMIT ?
                """, [.bytes(last), .integer(Records.page)]
            ).map { (row) throws(StoreError) in try row.bytes(0) }
        } done: { outcome in
            // What cannot be read stays unknown, and the database is asked.
            guard case .done(let keys) = outcome else { return }
            for key in keys { filter.add(key, at: self.now()) }
            guard let last = keys.last, keys.count == Records.page else {
                return self.fill(filter, from: Array(columns.dropFirst()), after: [])
            }
            self.fill(filter, from: columns, after: last)
        }
    }
}
