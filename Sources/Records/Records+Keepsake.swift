package import Authority
import Ledger
package import SSHFormats

/// What a database remembers of the installation around it, so that files of another one are noticed.
package struct Keepsake: Hashable, Sendable {
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

extension Keepsake {
    init(_ session: any SQLSession) throws(StoreError) {
        let row = try session.row("SELECT origin, seal_check, epoch FROM keepsake WHERE id = 1", [])
        guard let row else { throw .unreadable("no keepsake") }
        origin = try row.optional(0) { (row, column) throws(StoreError) in try row.text(column) }
        sealCheck = try row.optional(1) { (row, column) throws(StoreError) in try row.bytes(column) }
        epoch = try row.count(2)
    }
}

/// What a restored authority goes on with.
package struct Restored: Hashable, Sendable {
    package let epoch: UInt64
    package let firstSerial: UInt64

    package init(epoch: UInt64, firstSerial: UInt64) {
        self.epoch = epoch
        self.firstSerial = firstSerial
    }

    func event(at now: UnixTime) -> Event {
        Event(
            time: now, action: .authorityRestored, actor: nil, requestID: "restore", source: "console",
            details: ["epoch": .number(epoch), "firstSerial": .text(String(firstSerial))])
    }
}

extension Records {
    package func keepsake() async throws(StoreError) -> Keepsake {
        try await points.perform { session throws(StoreError) in
            try Keepsake(session)
        }
    }

    /// Keeps both where nothing is kept yet; what is kept stays.
    package func keep(origin: String, sealCheck: [UInt8]) async throws(StoreError) {
        _ = try await commits.perform { group throws(StoreError) in
            try group.session.run(
                """
                UPDATE keepsake SET origin = coalesce(origin, ?), seal_check = coalesce(seal_check, ?)
                WHERE id = 1
                """,
                [.text(origin), .bytes(sealCheck)])
        }
    }

    /// Takes a database from a backup into use, of which nobody knows what was done after it.
    ///
    /// The epoch becomes the time, so that every host sees a newer state, however often the same backup is used. The
    /// serials go on at 2^20 times the epoch, so that none comes twice unless a million a second were issued; those
    /// between are void, and with them every certificate that was issued after the backup. Sessions and links end.
    ///
    /// - Throws: `.failed` where the clock stands before an earlier restoration.
    package func restore(at now: UnixTime) async throws(StoreError) -> Restored {
        try await commits.perform { group throws(StoreError) in
            let row = try group.session.row("SELECT epoch FROM keepsake WHERE id = 1", [])
            guard let present = try row?.count(0), present < now.seconds, now.seconds < 1 << 42 else {
                throw .failed(reason: "this machine's clock stands before the last restoration")
            }
            let restored = Restored(epoch: now.seconds, firstSerial: now.seconds << 20)
            try SerialBlock.skip(group, to: restored.firstSerial)
            try group.session.run(
                "UPDATE keepsake SET epoch = ? WHERE id = 1", [.count(restored.epoch)])
            try group.session.run("UPDATE session SET ended_at = ? WHERE ended_at IS NULL", [.time(now)])
            group.move(.sessions)
            try group.session.run("DELETE FROM enrolment_link WHERE completed_at IS NULL")
            try group.moveHostState()
            _ = try group.append(restored.event(at: now))
            return restored
        }
    }

    /// Commits something that changes nothing: after a failure, whether it would go well again.
    package func tryAgain() async throws(StoreError) {
        _ = try await commits.perform { group throws(StoreError) in
            try group.session.run("UPDATE keepsake SET epoch = epoch WHERE id = 1")
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
