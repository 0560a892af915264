#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Seconds since 1970 as people read them.
enum Moment {
    /// `2026-01-31T12:00:00Z`; `forever` from the year 10000 on, which that form cannot write.
    static func text(_ seconds: UInt64) -> String {
        guard seconds < 253_402_300_800 else { return "forever" }
        return Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
    }
}
