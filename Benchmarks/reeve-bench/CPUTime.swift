import Glibc

/// What code costs when nobody disturbs it.
enum CPUTime {
    /// Microseconds of CPU of one call, in the best of 20 batches of so many calls.
    static func best(of batch: Int = 200, _ operation: () throws -> Void) throws -> Double {
        var best = UInt64.max
        for _ in 0..<20 {
            let start = thread()
            for _ in 0..<batch { try operation() }
            best = min(best, thread() - start)
        }
        return Double(best) / Double(batch) / 1e3
    }

    /// Nanoseconds of CPU that this thread has used.
    private static func thread() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
