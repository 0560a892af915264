package import Authority
import Ledger

/// What a database remembers of the installation around it, so that files of another one are noticed.
package struct Installation: Hashable, Sendable {
    /// The ledger's origin; nil until a start has kept it.
    package let origin: String?
    /// A known text, sealed by the key that seals secrets; nil until a start has kept it.
    package let sealCheck: [UInt8]?
    /// 1, or the time of the last restoration; hosts refuse a lower one than they have seen.
    package let epoch: UInt64

    package init(origin: String?, sealCheck: [UInt8]?, epoch: UInt64) {
        self.origin = origin
        self.sealCheck = sealCheck
        self.epoch = epoch
    }
}

extension Records {
    package func installation() async throws(StoreError) -> Installation {
        try await points.perform { session throws(StoreError) in
            let row = try session.row(
                "SELECT origin, seal_check, epoch FROM installation WHERE id = 1", [])
            guard let row else { throw .unreadable("no installation") }
            return Installation(
                origin: try row.optional(0) { (row, column) throws(StoreError) in try row.text(column) },
                sealCheck: try row.optional(1) { (row, column) throws(StoreError) in try row.bytes(column) },
                epoch: try row.count(2))
        }
    }

    /// Keeps both where nothing is kept yet; what is kept stays.
    package func keep(origin: String, sealCheck: [UInt8]) async throws(StoreError) {
        _ = try await commits.perform { group throws(StoreError) in
            try group.session.run(
                """
                UPDATE installation SET origin = coalesce(origin, ?), seal_check = coalesce(seal_check, ?)
                WHERE id = 1
                """,
                [.text(origin), .bytes(sealCheck)])
        }
    }

    /// Commits something that changes nothing: after a failure, whether it would go well again.
    package func tryAgain() async throws(StoreError) {
        _ = try await commits.perform { group throws(StoreError) in
            try group.session.run("UPDATE installation SET epoch = epoch WHERE id = 1")
        }
    }

    /// Root of the ledger's first `size` leaves.
    ///
    /// - Throws: `.conflict(.missing)` where there are fewer.
    package func root(size: UInt64) async throws(StoreError) -> [UInt8] {
        try await scans.perform { session throws(StoreError) in
            guard size <= (try LedgerHead(session).size) else { throw .conflict(.missing) }
            return try StoredTree(session).root(size: size).bytes
        }
    }
}
