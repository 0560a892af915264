/// A moment: whole seconds since 1970-01-01 00:00:00 UTC, as SSH certificates count (draft-miller-ssh-cert
/// §3).
public struct UnixTime: Hashable, Comparable, Sendable {
    /// Seconds since 1970, leap seconds not counted.
    public let seconds: UInt64

    /// The end of time: 2^64 - 1, which certificates write for "never ends".
    public static let forever = UnixTime(.max)

    /// The moment this many seconds after 1970.
    public init(_ seconds: UInt64) {
        self.seconds = seconds
    }

    /// The moment so many seconds later, or earlier if negative; stops at 0 and at ``forever`` instead of
    /// wrapping.
    public func advanced(by delta: Int64) -> UnixTime {
        let distance = delta.magnitude
        let (sum, overflow) =
            delta < 0
            ? seconds.subtractingReportingOverflow(distance) : seconds.addingReportingOverflow(distance)
        guard overflow else { return UnixTime(sum) }
        return delta < 0 ? UnixTime(0) : .forever
    }

    /// Earlier comes first.
    public static func < (left: UnixTime, right: UnixTime) -> Bool { left.seconds < right.seconds }
}

/// A bare number, in JSON too.
extension UnixTime: Codable {
    /// Reads a whole number, 0…2^64 - 1.
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(UInt64.self))
    }

    /// Writes a whole number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(seconds)
    }
}

extension UnixTime: CustomStringConvertible {
    /// The number of seconds.
    public var description: String { String(seconds) }
}
