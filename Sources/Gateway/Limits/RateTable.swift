import Synchronization

/// How often each of many callers comes: one token bucket per key, in a table whose size is fixed.
///
/// A bucket is one number: the moment up to which its key has used up its share (GCRA, ITU-T I.371). Each key has one
/// cell in either of two rows, by a hash that nobody outside can compute, and what counts is the emptier of the two. So
/// nothing is ever evicted: whoever brings along a million other names or addresses costs no memory and wins no
/// second start, and two callers share a bucket only where both cells of one are held busy by others.
final class RateTable: Sendable {
    /// Seconds' worth of requests that may come at once.
    static let burst: UInt64 = 10
    /// Cells of a row: 1 MiB for both.
    static let width = 65_536

    private let cells: Mutex<[UInt64]>
    /// Nanoseconds that one request takes of its caller's share.
    private let interval: UInt64
    private let start = ContinuousClock.now

    /// - Parameter perSecond: Requests, for each key; at least one.
    init(perSecond: Int) {
        interval = 1_000_000_000 / UInt64(clamping: max(1, perSecond))
        cells = Mutex([UInt64](repeating: 0, count: 2 * RateTable.width))
    }

    /// Counts one more request.
    ///
    /// - Returns: nil if it may come in; else the seconds, rounded up, after which the next one may. A request that may
    ///   not come in is not counted.
    func take(_ key: some Hashable, at now: ContinuousClock.Instant = .now) -> UInt64? {
        let now = nanoseconds(now)
        let (first, second) = places(of: key)
        return cells.withLock { cells in
            let used = max(min(cells[first], cells[second]), now) + interval
            if let wait = wait(used, now) { return wait }
            cells[first] = max(cells[first], used)
            cells[second] = max(cells[second], used)
            return nil
        }
    }

    /// What ``take(_:at:)`` would say, without counting.
    func look(_ key: some Hashable, at now: ContinuousClock.Instant = .now) -> UInt64? {
        let now = nanoseconds(now)
        let (first, second) = places(of: key)
        return cells.withLock { wait(max(min($0[first], $0[second]), now) + interval, now) }
    }

    /// Bytes that the table takes, whatever comes.
    var size: Int { cells.withLock { $0.capacity * MemoryLayout<UInt64>.stride } }

    private func wait(_ used: UInt64, _ now: UInt64) -> UInt64? {
        let latest = now + RateTable.burst * 1_000_000_000
        guard used > latest else { return nil }
        return (used - latest + 999_999_999) / 1_000_000_000
    }

    private func places(of key: some Hashable) -> (Int, Int) {
        var hasher = Hasher()
        hasher.combine(key)
        let hash = UInt64(bitPattern: Int64(hasher.finalize()))
        let width = UInt64(RateTable.width)
        return (Int(hash % width), Int(width + (hash >> 32) % width))
    }

    private func nanoseconds(_ moment: ContinuousClock.Instant) -> UInt64 {
        let (seconds, attoseconds) = start.duration(to: moment).components
        return UInt64(clamping: seconds) * 1_000_000_000 + UInt64(clamping: attoseconds / 1_000_000_000)
    }
}
