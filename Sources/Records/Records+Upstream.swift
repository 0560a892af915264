package import Authority
package import Names
import SSHFormats

extension Records: UpstreamLinks {
    package func upstreamLink(_ account: UpstreamSubject) async throws(StoreError) -> UpstreamLink? {
        try await points.perform { session throws(StoreError) in
            try session.row(
                "SELECT \(UpstreamLink.columns) FROM upstream_link WHERE issuer = ? AND subject = ?",
                [.text(account.issuer), .text(account.subject)]
            ).map { (row) throws(StoreError) in try UpstreamLink(row) }
        }
    }

    package func upstreamLinks(of person: IdentityID) async throws(StoreError) -> [UpstreamLink] {
        try await points.perform { session throws(StoreError) in
            try session.rows(
                """
                SELECT \(UpstreamLink.columns) FROM upstream_link WHERE identity = ?
                ORDER BY issuer, subject LIMIT 64
                """,
                [.id(person)]
            ).map { (row) throws(StoreError) in try UpstreamLink(row) }
        }
    }
}

extension UpstreamLink {
    fileprivate static let columns = "issuer, subject, identity, linked_at, token, checked_at, asked_at"

    fileprivate init(_ row: SQLRow) throws(StoreError) {
        self.init(
            account: UpstreamSubject(issuer: try row.text(0), subject: try row.text(1)),
            person: try row.id(2), linkedAt: try row.time(3),
            token: try row.optional(4) { (row, column) throws(StoreError) in try row.bytes(column) },
            checkedAt: try row.optional(5) { (row, column) throws(StoreError) in try row.time(column) },
            askedAt: try row.optional(6) { (row, column) throws(StoreError) in try row.time(column) })
    }
}
