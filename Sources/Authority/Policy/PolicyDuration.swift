/// A span of time as a policy writes it: a whole number and one unit, `30s`, `90m`, `8h` or `2d`.
enum PolicyDuration {
    /// The seconds of such a text; nil if it is not one, is zero, or has more than nine digits.
    static func seconds(_ text: String) -> UInt64? {
        guard let unit = text.utf8.last, let factor = factors[unit] else { return nil }
        let digits = text.utf8.dropLast()
        guard (1...9).contains(digits.count), digits.first != UInt8(ascii: "0") else { return nil }
        guard digits.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else { return nil }
        return UInt64(String(decoding: digits, as: UTF8.self)).map { $0 * factor }
    }

    /// The same span in words: the largest unit that divides it.
    static func words(_ seconds: UInt64) -> String {
        let units: [(UInt64, String)] = [(86_400, "d"), (3_600, "h"), (60, "m")]
        guard seconds > 0, let (size, unit) = units.first(where: { seconds % $0.0 == 0 }) else {
            return "\(seconds)s"
        }
        return "\(seconds / size)\(unit)"
    }

    /// About how long ago: the largest unit that fits, rounded down.
    static func roughly(_ seconds: UInt64) -> String {
        let units: [(UInt64, String)] = [(86_400, "d"), (3_600, "h"), (60, "m")]
        guard let (size, unit) = units.first(where: { seconds >= $0.0 }) else { return "\(seconds)s" }
        return "\(seconds / size)\(unit)"
    }

    private static let factors: [UInt8: UInt64] = [
        UInt8(ascii: "s"): 1, UInt8(ascii: "m"): 60, UInt8(ascii: "h"): 3_600, UInt8(ascii: "d"): 86_400,
    ]
}
