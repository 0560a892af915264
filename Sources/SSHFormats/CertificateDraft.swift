/// A certificate before it is signed: all fields set and checked, the bytes to be signed made once.
public struct CertificateDraft: Hashable, Sendable {
    /// The length of the nonce, in bytes.
    public static let nonceLength = 32
    /// The longest key ID, in bytes.
    public static let keyIDLimit = 1024

    /// The bytes for the authority's key to sign.
    public let toBeSigned: [UInt8]
    /// The names it speaks for.
    public let principals: Principals
    /// When it counts.
    public let validity: Validity
    let fields: CertificateFields

    /// A draft of these fields.
    ///
    /// - Parameters:
    ///   - nonce: 32 random bytes.
    ///   - keyID: Up to 1,024 bytes without control characters; it ends up in the logs of hosts.
    /// - Throws: ``CertificateError/badNonce(_:)``, ``CertificateError/badKeyID``,
    ///   ``CertificateError/badOption(_:)``
    public init(
        kind: CertificateKind, publicKey: PublicKey, serial: UInt64, keyID: String, principals: Principals,
        validity: Validity, criticalOptions: CriticalOptions = .none, extensions: Extensions = .none,
        nonce: [UInt8], signatureKey: PublicKey
    ) throws(CertificateError) {
        let fields = CertificateFields(
            nonce: nonce, publicKey: publicKey, serial: serial, kind: kind, keyID: keyID,
            principals: principals,
            validAfter: validity.validAfter, validBefore: validity.validBefore,
            criticalOptions: criticalOptions,
            extensions: extensions, signatureKey: signatureKey)
        try self.init(fields, principals, validity, toBeSigned: fields.encoded())
    }

    /// Reads the bytes that somebody asks to have signed.
    ///
    /// - Parameter known: A key that was read before and is likely to be named as the authority's; where its very bytes
    ///   stand there, it is not read again.
    /// - Throws: ``CertificateError``, for all that a draft could not say, and
    ///   ``CertificateError/notCanonical`` if the draft would write other bytes.
    public init(
        parsingToBeSigned bytes: some Collection<UInt8>, known: PublicKey? = nil
    ) throws(CertificateError) {
        guard bytes.count <= Certificate.limit else {
            throw .wire(.tooLong(bytes.count, limit: Certificate.limit))
        }
        let bytes = Array(bytes)
        var reader = WireReader(bytes)
        let fields = try CertificateFields(from: &reader, known: known)
        try CertificateError.wrap { () throws(WireError) in try reader.end() }
        guard let principals = fields.principals else { throw .noPrincipals }
        let validity = try Validity(validAfter: fields.validAfter, validBefore: fields.validBefore)
        guard fields.encoded() == bytes else { throw .notCanonical }
        try self.init(fields, principals, validity, toBeSigned: bytes)
    }

    private init(
        _ fields: CertificateFields, _ principals: Principals, _ validity: Validity, toBeSigned: [UInt8]
    ) throws(CertificateError) {
        guard fields.nonce.count == Self.nonceLength else { throw .badNonce(fields.nonce.count) }
        guard fields.keyID.utf8.count <= Self.keyIDLimit, Self.isPlain(fields.keyID) else { throw .badKeyID }
        guard Self.isPlain(fields.criticalOptions.forceCommand ?? "") else {
            throw .badOption("force-command")
        }
        self.fields = fields
        self.principals = principals
        self.validity = validity
        self.toBeSigned = toBeSigned
    }

    /// For a user or for a host.
    public var kind: CertificateKind { fields.kind }
    /// The key to be certified.
    public var publicKey: PublicKey { fields.publicKey }
    /// The number that the authority gives it.
    public var serial: UInt64 { fields.serial }
    /// What the authority writes for the logs of hosts.
    public var keyID: String { fields.keyID }
    /// What it demands.
    public var criticalOptions: CriticalOptions { fields.criticalOptions }
    /// What it permits.
    public var extensions: Extensions { fields.extensions }
    /// 32 random bytes.
    public var nonce: [UInt8] { fields.nonce }
    /// The key of the authority that shall sign.
    public var signatureKey: PublicKey { fields.signatureKey }

    /// The certificate with this signature: put together, read again, compared with the draft, and verified
    /// over the very bytes that leave.
    ///
    /// - Throws: ``CertificateError/signature(_:)``, ``CertificateError/differsFromDraft``
    public func sealed(with signature: Signature) throws(CertificateError) -> Certificate {
        var writer = WireWriter(capacity: toBeSigned.count + signature.bytes.count + 64)
        writer.raw(toBeSigned)
        writer.string(signature.blob)
        let certificate = try Certificate(blob: writer.bytes, known: signatureKey)
        guard certificate.fields == fields, certificate.signedBytes.elementsEqual(toBeSigned) else {
            throw .differsFromDraft
        }
        try CertificateError.wrapSignature { () throws(SignatureError) in try certificate.verifySignature() }
        return certificate
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
    }

    /// Whether two drafts are the same: their bytes are.
    public static func == (left: CertificateDraft, right: CertificateDraft) -> Bool {
        left.toBeSigned == right.toBeSigned
    }

    /// Hashes the bytes to be signed.
    public func hash(into hasher: inout Hasher) { hasher.combine(toBeSigned) }
}
