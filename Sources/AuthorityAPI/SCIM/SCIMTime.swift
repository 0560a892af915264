#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `dateTime` (RFC 7643 §2.3.5): XML Schema's, with a time zone.
package enum SCIMTime {
    package static func text(_ seconds: UInt64) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
    }

    /// Seconds since 1970 UTC; nil for what is no such time.
    package static func seconds(_ text: String) -> Double? {
        guard text.utf8.count <= 40 else { return nil }
        let withFractions = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let found = (try? Date(text, strategy: .iso8601)) ?? (try? Date(text, strategy: withFractions))
        return found?.timeIntervalSince1970
    }
}
