/// Names a certificate speaks for, in order. Never empty: an empty list once meant "anyone".
public struct Principals: Hashable, Sendable {
    /// The most that OpenSSH reads.
    public static let limit = 256
    /// The longest name, in bytes.
    public static let nameLimit = 256

    /// 1…256 names.
    public let names: [String]

    /// Names of 1…256 bytes of printable ASCII without space, comma and quotes. Bytes are judged, never
    /// `Character`s.
    ///
    /// - Throws: ``CertificateError/noPrincipals``, ``CertificateError/tooManyPrincipals(_:limit:)``,
    ///   ``CertificateError/badPrincipal(_:)``
    public init(_ names: [String]) throws(CertificateError) {
        guard !names.isEmpty else { throw .noPrincipals }
        guard names.count <= Self.limit else { throw .tooManyPrincipals(names.count, limit: Self.limit) }
        for name in names where !Self.isAllowed(name) { throw .badPrincipal(name) }
        self.names = names
    }

    /// Whether the name is among them, byte for byte.
    public func contains(_ name: String) -> Bool { names.contains { $0.utf8.elementsEqual(name.utf8) } }

    /// Reads the content of the field of a certificate; nil if it is empty, as in certificates of others it
    /// may be.
    static func read(_ content: ArraySlice<UInt8>) throws(CertificateError) -> Principals? {
        var reader = WireReader(content)
        var names: [String] = []
        while !reader.isAtEnd {
            guard names.count < limit else { throw .tooManyPrincipals(names.count + 1, limit: limit) }
            names.append(try CertificateError.wrap { () throws(WireError) in try reader.text() })
        }
        return names.isEmpty ? nil : try Principals(names)
    }

    private static func isAllowed(_ name: String) -> Bool {
        guard (1...nameLimit).contains(name.utf8.count) else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"): false
            default: (0x21...0x7e).contains(byte)
            }
        }
    }
}
