/// A compact JWS (RFC 7515 §7.1), such as a JWT or a DPoP proof, as it stands: decoded, and **nothing of it verified**.
///
/// For people who look at a token; nothing may be decided by it. The signature is not kept.
package struct UnverifiedToken: Sendable {
    /// A member of the header or of the claims, its value as JSON text.
    package struct Member: Hashable, Sendable {
        package let name: String
        package let text: String
        /// For the claims that are times (`exp`, `iat`, `nbf`, `auth_time`): seconds since 1970.
        package let time: UInt64?
    }

    /// Longest token that is looked at, in bytes.
    package static let limit = 65_536

    private let headerValue: JSONValue
    private let claimsValue: JSONValue

    /// nil for anything but three parts of Base64URL, of which the first two are JSON objects.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard bytes.count <= Self.limit, parts.count == 3, let last = parts.last,
            let header = Self.object(parts.first), let claims = Self.object(parts.dropFirst().first),
            Base64URL.decode(last) != nil
        else { return nil }
        headerValue = header
        claimsValue = claims
    }

    package var header: [Member] { Self.members(headerValue) }
    package var claims: [Member] { Self.members(claimsValue) }
    /// `typ` of the header.
    package var type: String? { headerValue["typ"]?.text }
    /// `alg` of the header; `none` too.
    package var algorithm: String? { headerValue["alg"]?.text }

    private static func object(_ part: ArraySlice<UInt8>?) -> JSONValue? {
        guard let part, let bytes = Base64URL.decode(part),
            let value = try? JSONScanner.value(of: bytes, maxDepth: APICoding.depth), case .object = value
        else { return nil }
        return value
    }

    private static func members(_ value: JSONValue) -> [Member] {
        guard case .object(let fields) = value else { return [] }
        return fields.map { field in
            let isTime = ["exp", "iat", "nbf", "auth_time"].contains(field.key)
            let text = field.value.text ?? String(decoding: APICoding.encode(field.value), as: UTF8.self)
            return Member(name: field.key, text: text, time: isTime ? field.value.wholeNumber : nil)
        }
    }
}

/// `{"header": {…}, "claims": {…}}`
extension UnverifiedToken: Encodable {
    private enum CodingKeys: String, CodingKey { case header, claims }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(headerValue, forKey: .header)
        try container.encode(claimsValue, forKey: .claims)
    }
}

/// As it was read; a number beyond 64 bits becomes a Double.
extension JSONValue: Encodable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .bool(let value): try value.encode(to: encoder)
        case .string(let text): try text.encode(to: encoder)
        case .array(let elements): try elements.encode(to: encoder)
        case .number(let text):
            if let number = UInt64(text) { return try number.encode(to: encoder) }
            if let number = Int64(text) { return try number.encode(to: encoder) }
            try (Double(text) ?? .infinity).encode(to: encoder)
        case .object(let fields):
            var container = encoder.container(keyedBy: Key.self)
            for field in fields { try container.encode(field.value, forKey: Key(stringValue: field.key)) }
        }
    }
}
