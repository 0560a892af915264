import Crypto

/// The SHA-256 hash of a public key's blob; its text is what `ssh-keygen -l` prints.
public struct Fingerprint: Hashable, Sendable {
    /// The hash, 32 bytes.
    public let bytes: [UInt8]

    /// The fingerprint of these bytes, which are a key's blob.
    public init(of blob: some Collection<UInt8>) {
        var hash = SHA256()
        hash.update(data: Array(blob))
        bytes = Array(hash.finalize())
    }

    /// A fingerprint known already.
    ///
    /// - Throws: ``KeyError/badLength(_:expected:)`` unless it is 32 bytes long.
    public init(bytes: some Collection<UInt8>) throws(KeyError) {
        guard bytes.count == SHA256.byteCount else {
            throw .badLength(bytes.count, expected: SHA256.byteCount)
        }
        self.bytes = Array(bytes)
    }

    /// Reads `SHA256:` and 43 letters of Base64 without padding.
    ///
    /// - Throws: ``KeyError/malformed(_:)``, ``KeyError/wire(_:)``, ``KeyError/badLength(_:expected:)``
    public init(text: String) throws(KeyError) {
        let letters = Array(text.utf8)
        let prefix = Array("SHA256:".utf8)
        guard letters.starts(with: prefix) else { throw .malformed("SHA256: before the fingerprint") }
        let bytes = try KeyError.wrap { () throws(WireError) in
            try Base64.decodeUnpadded(letters.dropFirst(prefix.count))
        }
        try self.init(bytes: bytes)
    }
}

extension Fingerprint: CustomStringConvertible {
    /// `SHA256:` and Base64 without padding.
    public var description: String {
        "SHA256:" + String(decoding: Base64.encodeUnpadded(bytes), as: UTF8.self)
    }
}

/// A string, in JSON too.
extension Fingerprint: Codable {
    /// Reads the text form.
    public init(from decoder: any Decoder) throws {
        try self.init(text: try decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the text form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
