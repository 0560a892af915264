import Synchronization

/// Closes connections whose request body does not arrive in time. Looked through whenever a request comes in, at most
/// once a second: a server that nobody calls has nothing to protect.
final class BodyDeadlines: Sendable {
    private struct State {
        var reading: [UInt64: (deadline: ContinuousClock.Instant, peer: Peer)] = [:]
        var next: UInt64 = 0
        var lookedAt: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let timeout: Duration

    init(timeout: Duration) { self.timeout = timeout }

    /// Reads with a deadline: beyond it the connection is closed, and reading fails.
    func reading<Result>(
        from peer: Peer, _ read: () async throws -> Result
    ) async throws -> Result {
        let id = begin(peer, now: .now)
        defer { state.withLock { $0.reading[id] = nil } }
        return try await read()
    }

    private func begin(_ peer: Peer, now: ContinuousClock.Instant) -> UInt64 {
        let (id, late) = state.withLock { state in
            let id = state.next
            state.next += 1
            state.reading[id] = (now + timeout, peer)
            guard state.lookedAt.map({ now - $0 >= .seconds(1) }) ?? true else {
                return (id, [Peer]())
            }
            state.lookedAt = now
            return (id, state.reading.values.filter { $0.deadline < now }.map(\.peer))
        }
        for peer in late { peer.close() }
        return id
    }
}
