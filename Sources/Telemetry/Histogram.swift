import Synchronization

/// Counts what was measured, by upper bounds.
package final class Histogram: Sendable {
    package struct Counts: Hashable, Sendable {
        /// One per bound, and one above the last; not summed up.
        package var byBound: [UInt64]
        package var sum = 0.0

        package init(bounds: Int) { byBound = [UInt64](repeating: 0, count: bounds + 1) }

        package mutating func note(_ value: Double, in bounds: [Double]) {
            byBound[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
            sum += value
        }
    }

    /// Seconds of what is quick when all is well.
    package static let seconds: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
    ]

    package let bounds: [Double]
    private let state: Mutex<Counts>

    /// - Parameter bounds: Ascending.
    package init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(Counts(bounds: bounds.count))
    }

    package func note(_ value: Double) { state.withLock { $0.note(value, in: bounds) } }

    package var counts: Counts { state.withLock { $0 } }
}
