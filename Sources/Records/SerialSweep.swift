package import Authority
import SSHFormats

/// Voids what nodes that never came back have left of their blocks of serials.
///
/// Whether a node is gone nobody can know: it may be frozen, or cut off. So a beat that stands still is enough, and a
/// node that comes back all the same cannot record a certificate with a voided serial, and thus not release one: the
/// commit says so (``Conflict/serialVoid``).
package actor SerialSweep {
    private let records: Records
    /// At how many looks in a row each stood still.
    private var still: [NodeRun: Int] = [:]

    /// Looks at which the beat of a node must have stood still. Looks and not time: while the database is gone nobody
    /// beats, and nobody looks.
    package static let patience = 10

    package init(_ records: Records) { self.records = records }

    /// Looks once; under a lease, so that one node does it.
    ///
    /// - Returns: What was voided.
    @discardableResult
    package func look() async throws(StoreError) -> [ClosedRange<UInt64>] {
        let runs = try await records.scans.perform { session throws(StoreError) in try NodeRun.all(session) }
        var seen: [NodeRun: Int] = [:]
        var voided: [ClosedRange<UInt64>] = []
        for run in runs {
            let looks = still[run].map { $0 + 1 } ?? 0
            if looks < Self.patience { seen[run] = looks } else { voided += try await end(run) }
        }
        still = seen
        return voided
    }

    private func end(_ run: NodeRun) async throws(StoreError) -> [ClosedRange<UInt64>] {
        try await records.commits.perform { [fence = Lease.current] group throws(StoreError) in
            try fence?.check(group)
            let voided = try run.end(group)
            if !voided.isEmpty { _ = try group.append(Self.event(voided, at: group.now)) }
            return voided
        }
    }

    private static func event(_ voided: [ClosedRange<UInt64>], at now: UnixTime) -> Event {
        Event(
            time: now, action: .serialsVoided, actor: nil, requestID: "sweep", source: "node",
            details: ["serials": .list(voided.map { "\($0.lowerBound)-\($0.upperBound)" })])
    }
}

extension Records {
    /// Shows the other nodes that this one lives; to be called about as often as they look.
    package func beat() async throws(StoreError) {
        try await commits.perform { [run] group throws(StoreError) in try NodeRun.beat(group, run) }
    }
}
