/// A set of serials, kept as runs: ascending, apart from each other by at least one serial.
public struct SerialSet: Hashable, Sendable {
    /// The runs.
    public let runs: [ClosedRange<UInt64>]

    /// The serials in any of these ranges, which may overlap and stand in any order.
    public init(_ ranges: [ClosedRange<UInt64>] = []) {
        var runs: [ClosedRange<UInt64>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard let last = runs.last, Self.touches(last, range) else {
                runs.append(range)
                continue
            }
            runs.removeLast()
            runs.append(last.lowerBound...max(last.upperBound, range.upperBound))
        }
        self.runs = runs
    }

    /// Whether there are none.
    public var isEmpty: Bool { runs.isEmpty }

    /// How many there are; stops at 2^64 - 1.
    public var count: UInt64 {
        runs.reduce(0) { sum, run in
            let (size, wraps) = (run.upperBound - run.lowerBound).addingReportingOverflow(1)
            let (total, overflow) = sum.addingReportingOverflow(wraps ? .max : size)
            return overflow ? .max : total
        }
    }

    /// Whether the serial is among them, by binary search.
    public func contains(_ serial: UInt64) -> Bool {
        var low = runs.startIndex
        var high = runs.endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if runs[middle].upperBound < serial { low = middle + 1 } else { high = middle }
        }
        return low < runs.endIndex && runs[low].contains(serial)
    }

    private static func touches(_ left: ClosedRange<UInt64>, _ right: ClosedRange<UInt64>) -> Bool {
        right.lowerBound <= left.upperBound || right.lowerBound - left.upperBound == 1
    }
}
