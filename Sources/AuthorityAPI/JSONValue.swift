/// A JSON value as it was written: numbers keep their text, so that 2^64 - 1 stays what it is.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Field])

    package struct Field: Hashable, Sendable {
        package let key: String
        package let value: JSONValue

        package init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// Reads a whole text, strictly: see ``StrictJSON``.
    package static func read(_ bytes: [UInt8], maxDepth: Int = 32) throws(StrictJSONError) -> JSONValue {
        try JSONScanner.value(of: bytes, maxDepth: maxDepth)
    }

    /// The value of a key; nil if this is no object or has no such key.
    package subscript(key: String) -> JSONValue? {
        guard case .object(let fields) = self else { return nil }
        return fields.first { $0.key == key }?.value
    }

    package var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// A whole number from 0 to 2^64 - 1 without sign, point or exponent.
    package var wholeNumber: UInt64? {
        guard case .number(let text) = self, text.utf8.first != UInt8(ascii: "-") else { return nil }
        return UInt64(text)
    }

    /// The bytes that a text stands for in Base64URL (RFC 7515 §2); nil for anything else.
    package var base64URL: [UInt8]? { text.flatMap { Base64URL.decode(Array($0.utf8)) } }

    /// Seconds since 1970 (RFC 7519 §2, NumericDate), whole or not, as providers write them.
    package var numericDate: UInt64? {
        guard case .number(let text) = self else { return nil }
        if let whole = UInt64(text) { return whole }
        guard let seconds = Double(text), seconds >= 0, seconds < 4e12 else { return nil }
        return UInt64(seconds)
    }

    /// The elements of a list of texts, or the one text that stands for such a list; nil for anything else.
    package var texts: [String]? {
        switch self {
        case .string(let text): return [text]
        case .array(let elements):
            let texts = elements.compactMap(\.text)
            return texts.count == elements.count ? texts : nil
        case .null, .bool, .number, .object: return nil
        }
    }
}
