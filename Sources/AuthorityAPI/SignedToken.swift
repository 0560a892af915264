/// A compact JWS (RFC 7515 §7.1) taken apart, of any algorithm; **nothing of it is verified**.
package struct SignedToken: Sendable {
    /// Longest token that is looked at, in bytes.
    package static let limit = 65_536

    package let header: JSONValue
    /// The second part's bytes: read them once the signature has been verified.
    package let payload: [UInt8]
    /// `header.payload` as they came: what was signed.
    package let signed: [UInt8]
    package let signature: [UInt8]

    /// nil for anything but three parts of Base64URL, of which the first is a JSON object.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.limit else { return nil }
        let parts = bytes.split(
            separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3, let first = parts.first, let middle = parts.dropFirst().first,
            let last = parts.last, let header = Base64URL.decode(first).flatMap(Self.object),
            let payload = Base64URL.decode(middle), let signature = Base64URL.decode(last)
        else { return nil }
        self.header = header
        self.payload = payload
        self.signature = signature
        signed = Array(bytes[first.startIndex..<middle.endIndex])
    }

    private static func object(_ bytes: [UInt8]) -> JSONValue? {
        guard let value = try? JSONScanner.value(of: bytes, maxDepth: 8), case .object = value else {
            return nil
        }
        return value
    }
}
