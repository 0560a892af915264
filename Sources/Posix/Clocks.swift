import CPosix

/// The time of day, for validity. It may jump.
public enum WallClock {
    /// Seconds since 1970 UTC.
    public static func now() -> UInt64 { nanoseconds() / 1_000_000_000 }
    /// Nanoseconds since 1970 UTC.
    public static func nanoseconds() -> UInt64 { posix_wall_clock() }

    /// Whether something keeps it right, such as NTP (adjtimex(2)); nil where the kernel does not say.
    public static var isSynchronised: Bool? {
        let state = posix_clock_synchronised()
        return state < 0 ? nil : state == 1
    }
}

/// Time that only grows and counts while the machine sleeps (CLOCK_BOOTTIME), for leases and deadlines.
public enum MonotonicClock {
    /// Nanoseconds since some moment in the past.
    public static func now() -> UInt64 { posix_monotonic_clock() }
}

/// A moment of the monotonic clock after which waiting stops.
public struct Deadline: Hashable, Comparable, Sendable {
    /// Nanoseconds of ``MonotonicClock``; `UInt64.max` means never.
    public let nanoseconds: UInt64

    public static let never = Deadline(nanoseconds: .max)

    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    public static func after(milliseconds: UInt64) -> Deadline {
        Deadline(nanoseconds: MonotonicClock.now() + milliseconds * 1_000_000)
    }

    public static func < (a: Deadline, b: Deadline) -> Bool { a.nanoseconds < b.nanoseconds }

    /// What poll(2) wants: milliseconds left, rounded up; -1 for ever.
    var pollTime: Int32 {
        guard self != .never else { return -1 }
        let now = MonotonicClock.now()
        guard nanoseconds > now else { return 0 }
        return Int32(clamping: (nanoseconds - now).dividedReportingOverflow(by: 1_000_000).partialValue + 1)
    }
}
