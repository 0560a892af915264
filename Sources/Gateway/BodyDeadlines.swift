import Synchronization

/// Closes connections whose request body does not arrive in time. Looks through them by itself, at most once a second, for as
/// long as any body is being read.
final class BodyDeadlines: Sendable {
    private struct State {
        var reading: [UInt64: (deadline: ContinuousClock.Instant, peer: Peer)] = [:]
        var next: UInt64 = 0
        /// Whether a look is to come.
        var isWatched = false
    }

    private let state = Mutex(State())
    private let timeout: Duration

    init(timeout: Duration) { self.timeout = timeout }

    /// Reads with a deadline: beyond it the connection is closed, and reading fails.
    func reading<Result>(
        from peer: Peer, _ read: () async throws -> Result
    ) async throws -> Result {
        let id = begin(peer)
        defer { state.withLock { $0.reading[id] = nil } }
        return try await read()
    }

    private func begin(_ peer: Peer) -> UInt64 {
        let (id, isFirst) = state.withLock { state in
            let id = state.next
            state.next += 1
            state.reading[id] = (.now + timeout, peer)
            let isFirst = !state.isWatched
            state.isWatched = true
            return (id, isFirst)
        }
        if isFirst { peer.perform(after: timeout) { [self] in look(peer) } }
        return id
    }

    /// - Parameter watcher: Whose thread looks; its connection may have gone.
    private func look(_ watcher: Peer) {
        let now = ContinuousClock.now
        let (late, next) = state.withLock { state in
            let late = state.reading.values.filter { $0.deadline <= now }.map(\.peer)
            let next = state.reading.values.map(\.deadline).filter { $0 > now }.min()
            // Those that are closed here leave a moment later.
            state.isWatched = next != nil
            return (late, next)
        }
        for peer in late { peer.close() }
        guard let next else { return }
        watcher.perform(after: max(next - now, .seconds(1))) { [self] in look(watcher) }
    }
}
