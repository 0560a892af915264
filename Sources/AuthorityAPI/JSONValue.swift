/// A JSON value as it was written: numbers keep their text, so that 2^64 - 1 stays what it is.
enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Field])

    struct Field: Hashable, Sendable {
        let key: String
        let value: JSONValue
    }

    /// The value of a key; nil if this is no object or has no such key.
    subscript(key: String) -> JSONValue? {
        guard case .object(let fields) = self else { return nil }
        return fields.first { $0.key == key }?.value
    }

    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// A whole number from 0 to 2^64 - 1 without sign, point or exponent.
    var wholeNumber: UInt64? {
        guard case .number(let text) = self, text.utf8.first != UInt8(ascii: "-") else { return nil }
        return UInt64(text)
    }
}
