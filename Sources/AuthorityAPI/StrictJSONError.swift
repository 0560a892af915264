/// Why bytes are not the one JSON text that we read (RFC 8259, made strict), and where.
public struct StrictJSONError: Error, Hashable, Sendable {
    public enum Reason: String, Hashable, Sendable {
        case empty
        /// A value, or the mark that should stand there, is missing.
        case unexpectedByte
        case unexpectedEnd
        case trailingBytes
        case byteOrderMark
        case tooDeep
        case duplicateKey
        case notUTF8
        /// An escape for half a character (RFC 8259 §8.2).
        case loneSurrogate
        case badEscape
        /// A byte below 0x20 inside a string.
        case controlCharacter
        case badNumber
        /// Beyond a Double, or longer than 256 bytes.
        case numberOutOfRange
    }

    public let reason: Reason
    /// Of the byte where it shows, from 0.
    public let offset: Int

    public init(_ reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

extension StrictJSONError: CustomStringConvertible {
    /// What is wrong and where, as a part of a sentence.
    public var description: String {
        let what =
            switch reason {
            case .empty: "nothing is there"
            case .unexpectedByte: "another byte than can stand there"
            case .unexpectedEnd: "it ends too early"
            case .trailingBytes: "more follows after its end"
            case .byteOrderMark: "a byte order mark"
            case .tooDeep: "nested too deeply"
            case .duplicateKey: "the same member twice"
            case .notUTF8: "not UTF-8"
            case .loneSurrogate: "an escape for half a character"
            case .badEscape: "an escape that is none"
            case .controlCharacter: "a control character inside a string"
            case .badNumber: "a number that is none"
            case .numberOutOfRange: "a number out of range"
            }
        return "\(what), at byte \(offset)"
    }
}
