import Synchronization

/// One request, from its reading to its answer. What was read once of the counts that a far-away store checks its memory
/// by stands for all of the request, so that they cost it one round trip.
package final class RequestScope: Sendable {
    @TaskLocal package static var current: RequestScope?

    private let held = Mutex<(counts: [UInt64], until: ContinuousClock.Instant)?>(nil)
    private let now: @Sendable () -> ContinuousClock.Instant

    /// A request may wait for long, for a password to be hashed: then the counts are read again.
    private static let freshness = Duration.milliseconds(500)

    package init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) { self.now = now }

    /// The counts that were kept, while they are fresh.
    package var counts: [UInt64]? {
        held.withLock { held in
            guard let held, now() < held.until else { return nil }
            return held.counts
        }
    }

    package func keep(_ counts: [UInt64]) {
        held.withLock { $0 = (counts, now() + Self.freshness) }
    }

    /// After the request itself moved something.
    package func forget() { held.withLock { $0 = nil } }
}
