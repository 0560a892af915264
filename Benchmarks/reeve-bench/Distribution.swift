/// Durations that were measured, in nanoseconds.
struct Distribution {
    private let sorted: [UInt64]

    init(_ nanoseconds: [UInt64]) { sorted = nanoseconds.sorted() }

    /// Milliseconds; not a number where nothing was measured.
    var minimum: Double { quantile(0) }
    var median: Double { quantile(0.5) }
    var p99: Double { quantile(0.99) }
    var mean: Double { sum / Double(sorted.count) / 1e6 }

    /// How many could run in a second, one after the other.
    var perSecond: Double { Double(sorted.count) / sum * 1e9 }

    private var sum: Double { sorted.reduce(0) { $0 + Double($1) } }

    /// The smallest value that this share of the values does not exceed, in milliseconds.
    private func quantile(_ share: Double) -> Double {
        let rank = Int((Double(sorted.count) * share).rounded(.up)) - 1
        guard let value = sorted.dropFirst(max(0, rank)).first else { return .nan }
        return Double(value) / 1e6
    }
}
