/// Builds one line of the log. Whatever the values hold, the result has one line end, at its end, and no byte that a
/// terminal would obey: what is not printable ASCII is escaped as JSON does it.
package struct LogLine: Sendable {
    /// Longest value, in bytes of UTF-8; the rest is cut off.
    package static let longestValue = 1_000

    /// A value as it is to be read.
    package enum Value: Hashable, Sendable {
        case text(String)
        /// Written as it is: digits, sign, point.
        case number(String)
    }

    private let format: LogFormat
    private var bytes: [UInt8] = []

    package init(_ format: LogFormat) {
        self.format = format
        bytes.reserveCapacity(320)
        if format == .json { bytes.append(UInt8(ascii: "{")) }
    }

    package mutating func add(_ key: String, _ value: Value) {
        switch format {
        case .json:
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            addQuoted(key)
            bytes.append(UInt8(ascii: ":"))
        case .logfmt:
            if !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
            bytes += key.utf8.map { LogLine.isPlain($0) ? $0 : UInt8(ascii: "_") }
            bytes.append(UInt8(ascii: "="))
        }
        switch value {
        case .number(let text): bytes += text.utf8
        case .text(let text):
            let needsQuotes = format == .json || text.isEmpty || !text.utf8.allSatisfy(LogLine.isPlain)
            if needsQuotes { addQuoted(text) } else { bytes += text.utf8.prefix(LogLine.longestValue) }
        }
    }

    /// The line with its end.
    package consuming func ended() -> [UInt8] {
        if format == .json { bytes.append(UInt8(ascii: "}")) }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// What logfmt takes without quotes.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "=")
            && byte != UInt8(ascii: "\\")
    }

    private mutating func addQuoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var left = LogLine.longestValue
        for scalar in text.unicodeScalars {
            left -= UTF8.width(scalar)
            guard left >= 0 else { break }
            add(scalar)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func add(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\"", "\\": bytes += [UInt8(ascii: "\\"), UInt8(truncatingIfNeeded: scalar.value)]
        case "\n": bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
        case "\u{20}"..."\u{7e}": bytes.append(UInt8(truncatingIfNeeded: scalar.value))
        default: for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter { addEscape(unit) }
        }
    }

    private mutating func addEscape(_ unit: UInt16) {
        bytes += [UInt8(ascii: "\\"), UInt8(ascii: "u")]
        for shift in [12, 8, 4, 0] {
            let digit = UInt8(truncatingIfNeeded: unit >> UInt16(shift)) & 15
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
