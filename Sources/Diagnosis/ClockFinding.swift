/// By how much a clock is off from the authority's. Certificates are dated a minute back, so that so much does no harm.
package struct ClockFinding: Sendable {
    /// Seconds from which on a new certificate does not count yet where the clock is behind.
    package static let tolerance: UInt64 = 60
    /// Seconds from which on it is worth a word.
    private static let notable: UInt64 = 5
    private static let command = "timedatectl set-ntp true"

    /// Seconds that the clock here is ahead; nil where the authority was not asked.
    private let difference: Int64?

    /// Nothing to compare with.
    package init() { difference = nil }

    /// - Parameters:
    ///   - before: The time here as the authority was asked; seconds since 1970, as all of them.
    ///   - there: What it answered. Whatever lies between is no difference.
    ///   - after: The time here as the answer came.
    package init(before: UInt64, there: UInt64, after: UInt64) {
        difference =
            there < before
            ? Int64(clamping: before - there) : there > after ? -Int64(clamping: there - after) : 0
    }

    /// - Parameters:
    ///   - ahead: What it does where the clock is ahead, and `behind` where it is behind.
    ///   - isSynchronised: Whether something keeps it right; nil where the kernel does not say.
    package func findings(ahead: String, behind: String, isSynchronised: Bool?) -> [Finding] {
        [difference.map { Self.judge($0, ahead, behind) }, synchronisation(isSynchronised)]
            .compactMap(\.self)
    }

    package static func wrong(_ text: String) -> Finding {
        .failure("clock-wrong", text, command: command)
    }

    private static func judge(_ difference: Int64, _ ahead: String, _ behind: String) -> Finding {
        let way = difference > 0 ? "ahead of" : "behind"
        let text = "the clock is \(difference.magnitude) s \(way) the authority's"
        guard difference.magnitude <= tolerance else {
            return wrong("\(text): \(difference > 0 ? ahead : behind)")
        }
        guard difference.magnitude > notable else {
            return .good("clock", "within \(notable) s of the authority's")
        }
        return .warning("clock-off", "\(text); from \(tolerance) s on logins fail", command: command)
    }

    /// No matter as long as the clock is right.
    private func synchronisation(_ isSynchronised: Bool?) -> Finding {
        guard isSynchronised != true else { return .good("clock-sync", "kept right by NTP or the like") }
        let text = "the kernel does not say that anything keeps the clock right"
        guard let difference, difference.magnitude <= Self.notable else {
            return .warning("clock-unsynchronised", text, command: Self.command)
        }
        return .note("clock-unsynchronised", "\(text), though it is right now", command: Self.command)
    }
}
