/// Reads DER (X.690 §10), definite and minimal lengths only; low tag numbers, which are all that X.509 has.
struct DERReader {
    /// One element.
    struct Element {
        let tag: UInt8
        let content: ArraySlice<UInt8>
        /// Tag, length and content.
        let whole: ArraySlice<UInt8>

        var children: DERReader { DERReader(content) }
    }

    enum Tag {
        static let boolean: UInt8 = 0x01
        static let integer: UInt8 = 0x02
        static let bitString: UInt8 = 0x03
        static let octetString: UInt8 = 0x04
        static let objectIdentifier: UInt8 = 0x06
        static let utcTime: UInt8 = 0x17
        static let generalizedTime: UInt8 = 0x18
        static let sequence: UInt8 = 0x30
        static let explicit0: UInt8 = 0xa0
        static let explicit3: UInt8 = 0xa3
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    /// The tag of what comes next, or nil at the end.
    var nextTag: UInt8? { rest.first }

    /// Reads an element of any tag; nil if it is not DER.
    mutating func element() -> Element? {
        let start = rest
        guard let tag = rest.popFirst(), tag & 0x1f != 0x1f, let first = rest.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            let count = Int(first & 0x7f)
            guard (1...3).contains(count), rest.count >= count else { return nil }
            length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            guard length >= 0x80, count == 1 || length >> (8 * (count - 1)) > 0 else { return nil }
            rest = rest.dropFirst(count)
        }
        guard rest.count >= length else { return nil }
        defer { rest = rest.dropFirst(length) }
        return Element(
            tag: tag, content: rest.prefix(length), whole: start.prefix(start.count - rest.count + length))
    }

    /// Reads an element of that tag; nil for any other.
    mutating func element(_ tag: UInt8) -> Element? {
        guard nextTag == tag else { return nil }
        return element()
    }
}
