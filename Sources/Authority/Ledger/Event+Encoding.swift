import Names
import SSHFormats

extension Event {
    /// The longest text of one field, in units of UTF-16; what is longer is cut, never within a pair of
    /// surrogates, and ends in `…`.
    package static let longestText = 1024

    /// The bytes of the ledger's leaf: one line of JSON, keys in this fixed order, ASCII only.
    ///
    /// Everything outside printable ASCII is written `\u00xx`, so that CR, LF, ANSI sequences and quotes in a
    /// name cannot become a second record or a terminal command.
    package func encoded() -> [UInt8] {
        var json = CanonicalJSON()
        json.open()
        json.field("time", .number(time.seconds))
        json.field("action", .text(action.rawValue))
        if let actor { json.field("actor", .text(actor.description)) }
        if let subject { json.field("subject", .text(subject)) }
        json.field("request", .text(requestID))
        json.field("source", .text(source))
        if let refusal { json.field("refused", .text(refusal.rawValue)) }
        for (name, value) in details.sorted(by: { $0.key < $1.key }) { json.field(name, value) }
        json.close()
        return json.bytes
    }
}

/// Writes one flat JSON object with its bytes fully determined by the values.
private struct CanonicalJSON {
    private(set) var bytes: [UInt8] = []
    private var isFirst = true

    init() { bytes.reserveCapacity(512) }

    mutating func open() { bytes.append(UInt8(ascii: "{")) }
    mutating func close() { bytes.append(UInt8(ascii: "}")) }

    mutating func field(_ name: String, _ value: EventValue) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        text(name)
        bytes.append(UInt8(ascii: ":"))
        switch value {
        case .text(let value): text(value)
        case .number(let value): bytes.append(contentsOf: String(value).utf8)
        case .list(let values): list(values)
        }
    }

    private mutating func list(_ values: [String]) {
        bytes.append(UInt8(ascii: "["))
        for (position, value) in values.prefix(256).enumerated() {
            if position > 0 { bytes.append(UInt8(ascii: ",")) }
            text(value)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func text(_ value: String) {
        bytes.append(UInt8(ascii: "\""))
        var written = 0
        for unit in value.utf16 {
            // The second half of a pair goes with its first.
            guard written < Event.longestText || UTF16.isTrailSurrogate(unit) else {
                bytes.append(contentsOf: "\\u2026".utf8)
                break
            }
            written += 1
            switch unit {
            case 0x22, 0x5C:
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(UInt8(truncatingIfNeeded: unit))
            case 0x20...0x7E:
                bytes.append(UInt8(truncatingIfNeeded: unit))
            default:
                escape(unit)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ unit: UInt16) {
        let digits = Array("0123456789abcdef".utf8)
        bytes.append(contentsOf: "\\u".utf8)
        for shift in [12, 8, 4, 0] { bytes.append(digits[Int(unit >> UInt16(shift)) & 15]) }
    }
}
