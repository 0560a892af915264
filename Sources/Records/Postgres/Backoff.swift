import Posix

/// When the next attempt is due: soon after the first failure, later after each further one, never all at once.
struct Backoff {
    private var failures: UInt64 = 0
    private var notBefore: UInt64 = 0

    /// Longest pause, in milliseconds.
    static let longest: UInt64 = 500

    var isOver: Bool { MonotonicClock.now() >= notBefore }

    mutating func fail() {
        failures += 1
        let pause = min(50 << min(failures - 1, 8), Self.longest)
        notBefore = MonotonicClock.now() + UInt64.random(in: pause / 2...pause) * 1_000_000
    }

    mutating func succeed() { self = Backoff() }
}
