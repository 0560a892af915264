import AuthorityAPI
import Synchronization

/// Counts answers and their times. Labels are bounded: the routes of the table, and classes of status.
final class Tally: Sendable {
    /// Upper bounds in seconds.
    static let buckets: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
    ]

    struct Counts: Sendable {
        /// By the first digit of the status, 1…5.
        var byClass = [UInt64](repeating: 0, count: 6)
        /// One per bucket, and one above the last.
        var byBucket = [UInt64](repeating: 0, count: Tally.buckets.count + 1)
        var seconds = 0.0
    }

    /// nil stands for whatever is not in the table.
    private let counts = Mutex<[Route?: Counts]>([:])

    func count(_ route: Route?, status: Int, seconds: Double) {
        let bucket = Tally.buckets.firstIndex { seconds <= $0 } ?? Tally.buckets.count
        counts.withLock { counts in
            counts[route, default: Counts()].byClass[min(max(status / 100, 0), 5)] += 1
            counts[route, default: Counts()].byBucket[bucket] += 1
            counts[route, default: Counts()].seconds += seconds
        }
    }

    /// Counts so far, in the order of the table.
    func all() -> [(route: Route?, counts: Counts)] {
        let now = counts.withLock { $0 }
        return (Route.allCases.map(Optional.some) + [nil]).compactMap { route in
            now[route].map { (route, $0) }
        }
    }
}

/// A number that the roof lets be seen.
package struct Gauge: Sendable {
    /// `[a-z_]+`, without our prefix.
    package let name: String
    package let help: String
    package let value: @Sendable () async -> Double

    package init(name: String, help: String, value: @escaping @Sendable () async -> Double) {
        self.name = name
        self.help = help
        self.value = value
    }
}
