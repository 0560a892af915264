/// Notices when the time of day jumps: it is compared with a clock that only grows.
package struct ClockWatch: Sendable {
    /// More than this many seconds between two looks is a jump.
    package static let tolerance: UInt64 = 60
    /// Wall clock minus monotonic clock, in seconds, at the last look.
    private var offset: Int64?

    package init() {}

    /// - Parameters:
    ///   - wall: Seconds since 1970.
    ///   - monotonic: Seconds since whenever.
    /// - Returns: By how many seconds it jumped since the last look; nil if it did not.
    package mutating func jump(wall: UInt64, monotonic: UInt64) -> Int64? {
        let offset = Int64(clamping: wall) - Int64(clamping: monotonic)
        defer { self.offset = offset }
        guard let before = self.offset else { return nil }
        let difference = offset - before
        return difference.magnitude > Self.tolerance ? difference : nil
    }
}
