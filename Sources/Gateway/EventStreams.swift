import Synchronization

/// Bounds the event streams that are open.
final class EventStreams: Sendable {
    private let open = Mutex(0)
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// The same stream, counted until it ends.
    ///
    /// - Throws: ``DoorError/full(_:)``
    func counted(_ versions: AsyncStream<UInt64>) throws(DoorError) -> AsyncStream<UInt64> {
        let isFree = open.withLock { open in
            guard open < limit else { return false }
            open += 1
            return true
        }
        guard isFree else { throw .full("event streams") }
        let (stream, continuation) = AsyncStream.makeStream(
            of: UInt64.self, bufferingPolicy: .bufferingNewest(1))
        let pump = Task {
            for await version in versions { continuation.yield(version) }
            continuation.finish()
        }
        continuation.onTermination = { [self] _ in
            pump.cancel()
            open.withLock { $0 -= 1 }
        }
        return stream
    }

    /// How many are open.
    var count: Int { open.withLock { $0 } }

    /// Milliseconds over which the agents should spread when all of them are cut off: 100 of them a second, one second at
    /// least and a minute at most.
    var retry: Int { min(max(count * 10, 1_000), 60_000) }
}
