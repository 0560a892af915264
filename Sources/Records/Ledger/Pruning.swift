package import Authority
import Ledger
package import SSHFormats

/// How far the ledger is pruned: of events before that index the hash alone may be kept.
///
/// The mark is committed before any content goes, together with the event that says so. Content that is missing from
/// its place on is damage.
struct PruningMark {
    private static let counter = "pruned events"

    let index: UInt64

    init(_ session: any SQLSession) throws(StoreError) {
        index =
            try session.row("SELECT value FROM counter WHERE name = ?", [.text(Self.counter)])?.count(0) ?? 0
    }

    static func move(to index: UInt64, _ session: any SQLSession) throws(StoreError) {
        try session.run(
            """
            INSERT INTO counter (name, value) VALUES (?, ?)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """,
            [.text(Self.counter), .count(index)])
    }

    /// The hash of a leaf as it is stored; nil where it is not that of the bytes beside it.
    func hash(of index: UInt64, stored: [UInt8], bytes: [UInt8]) -> MerkleHash? {
        if bytes.isEmpty, index < self.index { return MerkleHash(bytes: stored) }
        let hash = MerkleHash.leaf(bytes)
        return hash.bytes == stored ? hash : nil
    }
}

/// What pruning took away.
package struct Pruned: Hashable, Sendable {
    /// Events of which the hash alone is kept now: all before this index.
    package let events: UInt64
    /// How many of them are new.
    package let newly: UInt64
    /// Certificates that were forgotten.
    package let certificates: UInt64
}

extension Records {
    /// Forgets the content of events before `cutoff`, and certificates that ended before it. Hashes stay, so that every
    /// proof and every checkpoint is what it was.
    ///
    /// Only events that a signed checkpoint covers, and none after the first that is younger. Can be repeated, also
    /// after a crash in the middle.
    package func prune(before cutoff: UnixTime) async throws(StoreError) -> Pruned {
        let newest = try await checkpoints(limit: 1).first?.size ?? 0
        let (from, to) = try await prunable(before: cutoff, limit: newest)
        let certificates = try await commits.perform { group throws(StoreError) -> UInt64 in
            let ended = """
                FROM certificate WHERE valid_before < ? AND NOT EXISTS (
                    SELECT 1 FROM serial_block WHERE is_open = 1
                    AND certificate.serial >= first_serial AND certificate.serial <= last_serial)
                """
            let count = try group.session.row("SELECT count(*) \(ended)", [.time(cutoff)])?.count(0) ?? 0
            guard to > from || count > 0 else { return 0 }
            if to > from { try PruningMark.move(to: to, group.session) }
            try group.session.run("DELETE \(ended)", [.time(cutoff)])
            _ = try group.append(
                Event(
                    time: group.now, action: .ledgerPruned, actor: nil, requestID: "prune", source: "console",
                    details: [
                        "before": .number(cutoff.seconds), "events": .number(to),
                        "certificates": .number(count),
                    ]))
            return count
        }
        try await blank(upTo: to)
        return Pruned(events: to, newly: to - from, certificates: certificates)
    }

    /// From where to where the events are old enough.
    private func prunable(
        before cutoff: UnixTime, limit: UInt64
    ) async throws(StoreError) -> (from: UInt64, to: UInt64) {
        let from = try await scans.perform { session throws(StoreError) in try PruningMark(session).index }
        var next = from
        while next < limit {
            let page = try await leaves(from: next, limit: Int(min(1_024, limit - next)))
            guard !page.isEmpty else { return (from, next) }
            for leaf in page {
                guard let time = Event.time(of: leaf.bytes), time < cutoff else { return (from, next) }
                next = leaf.index + 1
            }
        }
        return (from, next)
    }

    private func blank(upTo end: UInt64) async throws(StoreError) {
        var next: UInt64 = 0
        while next < end {
            let (start, stop) = (next, min(end, next + 4_096))
            _ = try await commits.perform { group throws(StoreError) in
                try group.session.run(
                    "UPDATE event SET bytes = ? WHERE idx >= ? AND idx < ? AND length(bytes) > 0",
                    [.bytes([]), .count(start), .count(stop)])
            }
            next = stop
        }
    }
}
