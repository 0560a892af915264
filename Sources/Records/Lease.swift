package import Authority
import Posix

/// Work that one node does for all of them, until it is frozen or gone.
///
/// A lease is a number of the database that grows with every holder, and a beat that the holder moves. Whoever sees
/// both stand still for ``Lease/patience`` takes the next number; no two clocks are compared. What the holder writes
/// under it is kept only while the number is still its own: the database says so in the same transaction.
package actor Lease {
    private let records: Records
    private let name: String
    private let now: @Sendable () -> UInt64
    private var epoch: UInt64?
    private var seen: (state: State, at: UInt64)?

    private struct State: Hashable, Sendable {
        var epoch: UInt64
        /// 0 once its holder has let it go.
        var beat: UInt64
    }

    /// Nanoseconds.
    package static let patience: UInt64 = 5_000_000_000

    /// - Parameter now: Time that only grows, in nanoseconds.
    package init(
        _ name: String, _ records: Records, now: @escaping @Sendable () -> UInt64 = MonotonicClock.now
    ) {
        self.records = records
        self.name = name
        self.now = now
    }

    /// Does the work if the lease is held or can be had; to be called again more often than ``patience``.
    ///
    /// - Returns: Whether it was done.
    package func perform(_ work: @Sendable () async throws -> Void) async throws -> Bool {
        guard let epoch = try await held() else { return false }
        try await Lease.$current.withValue(Fence(name: name, epoch: epoch)) { try await work() }
        return true
    }

    /// Lets the next one have it at once.
    package func release() async throws(StoreError) {
        guard let epoch else { return }
        self.epoch = nil
        try await records.commits.perform { [name] group throws(StoreError) in
            guard try Lease.state(name, group.session).epoch == epoch else { return }
            try Lease.keep(State(epoch: epoch, beat: 0), name, group)
        }
    }

    /// What writes under the lease must find unchanged.
    struct Fence: Sendable {
        let name: String
        let epoch: UInt64

        /// - Throws: `.conflict(.versionMoved)` once another has the lease.
        func check(_ group: CommitGroup) throws(StoreError) {
            guard try Lease.state(name, group.session).epoch == epoch else { throw .conflict(.versionMoved) }
        }
    }

    @TaskLocal static var current: Fence?

    private func held() async throws(StoreError) -> UInt64? {
        let (mine, stale) = (epoch, stale)
        if mine == nil {
            let state = try await records.points.perform { [name] session throws(StoreError) in
                try Lease.state(name, session)
            }
            guard state.beat == 0 || state == stale else {
                if seen?.state != state { seen = (state, now()) }
                return nil
            }
        }
        let (state, isMine) = try await records.commits.perform {
            [name] group throws(StoreError) -> (State, Bool) in
            var state = try Lease.state(name, group.session)
            let isMine = state.epoch == mine
            guard isMine || state.beat == 0 || state == stale else { return (state, false) }
            if !isMine { state.epoch += 1 }
            state.beat += 1
            try Lease.keep(state, name, group)
            return (state, true)
        }
        epoch = isMine ? state.epoch : nil
        if seen?.state != state { seen = (state, now()) }
        return epoch
    }

    /// What has stood still for too long.
    private var stale: State? {
        guard let seen, now() - seen.at >= Self.patience else { return nil }
        return seen.state
    }

    private static func state(_ name: String, _ session: any SQLSession) throws(StoreError) -> State {
        var values: [UInt64] = []
        for part in ["epoch", "beat"] {
            let row = try session.row(
                "SELECT value FROM counter WHERE name = ?", [.text("lease.\(name).\(part)")])
            values.append(try row?.count(0) ?? 0)
        }
        return State(epoch: values[0], beat: values[1])
    }

    private static func keep(_ state: State, _ name: String, _ group: CommitGroup) throws(StoreError) {
        for (part, value) in [("epoch", state.epoch), ("beat", state.beat)] {
            try group.session.send(
                """
                INSERT INTO counter (name, value) VALUES (?, ?)
                ON CONFLICT (name) DO UPDATE SET value = excluded.value
                """,
                [.text("lease.\(name).\(part)"), .count(value)])
        }
    }
}
