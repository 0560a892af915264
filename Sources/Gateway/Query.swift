/// The query of an address, read strictly: each name once, and only names that the route knows.
struct Query: Sendable {
    private var values: [(name: String, value: String)] = []

    /// - Parameter text: What follows `?`; nil where there is none.
    /// - Throws: ``DoorError/badRequest(_:)``
    init(_ text: Substring?) throws(DoorError) {
        guard let text, !text.isEmpty else { return }
        for pair in text.utf8.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false) {
            let parts = pair.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first.flatMap(Query.decoded), !name.isEmpty,
                let value = parts.dropFirst().first.flatMap(Query.decoded)
            else { throw .badRequest("query: not name=value") }
            guard self.text(name) == nil else { throw .badRequest("query: a name occurs twice") }
            values.append((name, value))
        }
    }

    /// Refuses names that a route does not have.
    func only(_ known: String...) throws(DoorError) {
        guard values.allSatisfy({ known.contains($0.name) }) else {
            throw .badRequest("query: only \(known.isEmpty ? "nothing" : known.joined(separator: ", "))")
        }
    }

    func text(_ name: String) -> String? { values.first { $0.name == name }?.value }

    /// A whole number, 0…2^64 - 1.
    func number(_ name: String) throws(DoorError) -> UInt64? {
        guard let text = text(name) else { return nil }
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = UInt64(text)
        else { throw .badRequest("query: \(name) is a whole number") }
        return number
    }

    /// Percent-decoded (RFC 3986 §2.1); nil for a broken escape or what is not UTF-8.
    private static func decoded(_ part: Substring.UTF8View.SubSequence) -> String? {
        var bytes: [UInt8] = []
        var rest = Substring(part).utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
