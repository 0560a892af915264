import Authority
import Names
import SSHFormats

extension BrowserSignIn {
    /// The columns that ``init(_:)`` reads, in its order.
    static let columns = """
        id, code, provider, bound_to, source, client, asked_at, not_after, turn, tries, browser, state, attempt,
        decision, arrival
        """

    init(_ row: SQLRow) throws(StoreError) {
        let provider: Name
        do { provider = try Name(try row.text(2)) } catch let error as StoreError { throw error } catch {
            throw .unreadable("a name in column 2")
        }
        self.init(
            id: try row.text(0), code: try row.text(1), provider: provider, key: try row.fingerprint(3),
            source: try row.text(4), client: try row.text(5), askedAt: try row.time(6),
            notAfter: try row.time(7))
        func bytes(_ column: Int) throws(StoreError) -> [UInt8]? {
            try row.optional(column) { (row, column) throws(StoreError) in try row.bytes(column) }
        }
        turn = try row.count(8)
        tries = try row.count(9)
        browser = try bytes(10)
        state = try bytes(11)
        attempt = try bytes(12)
        decision = try row.optional(13) { (row, column) throws(StoreError) in
            try row.one(Decision.self, column)
        }
        arrival = try bytes(14)
    }

    /// The values of the columns above.
    var values: [SQLValue] {
        [
            .text(id), .text(code), .text(provider.text), .bytes(key.bytes), .text(source), .text(client),
            .time(askedAt), .time(notAfter), .count(turn), .count(tries), .bytes(browser), .bytes(state),
            .bytes(attempt), .text(decision?.rawValue), .bytes(arrival),
        ]
    }
}
