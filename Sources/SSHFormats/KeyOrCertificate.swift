/// A public key, or a certificate for one: what signs, and what an agent holds.
public enum KeyOrCertificate: Hashable, Sendable {
    /// A plain key.
    case key(PublicKey)
    /// A certificate; its signature has not been checked by reading it.
    case certificate(Certificate)

    /// Reads the blob of a key or of a certificate.
    ///
    /// - Throws: ``CertificateError``; ``CertificateError/key(_:)`` if it is a key that cannot be read.
    public init(blob: some Collection<UInt8>) throws(CertificateError) {
        let bytes = Array(blob)
        var reader = WireReader(bytes)
        let name = try CertificateError.wrap { () throws(WireError) in try reader.text(limit: 256) }
        guard !KeyType.isCertificate(name) else {
            self = .certificate(try Certificate(blob: bytes))
            return
        }
        self = .key(try CertificateError.wrapKey { () throws(KeyError) in try PublicKey(blob: bytes) })
    }

    /// The key, or the key that the certificate is for.
    public var publicKey: PublicKey {
        switch self {
        case .key(let key): key
        case .certificate(let certificate): certificate.publicKey
        }
    }

    /// The blob as it was given.
    public var blob: [UInt8] {
        switch self {
        case .key(let key): key.blob
        case .certificate(let certificate): certificate.blob
        }
    }

    /// The name before the Base64 in a line.
    public var typeName: String {
        switch self {
        case .key(let key): key.type.name
        case .certificate(let certificate): certificate.type.certificateName
        }
    }

    /// One line: name, Base64, and the comment if there is one. No line end.
    public func text(comment: String? = nil) -> String {
        KeyLine.text(name: typeName, blob: blob, comment: comment)
    }

    init(line: KeyLine) throws(CertificateError) {
        try self.init(blob: line.blob)
        guard line.name == typeName else { throw .key(.typeMismatch(named: line.name, inside: typeName)) }
    }
}
