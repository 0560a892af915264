/// An SSH certificate as it was given: the fields read strictly, the bytes kept (draft-miller-ssh-cert).
///
/// Reading checks the form of everything, but not the signature: ``verifySignature()`` does, over the very
/// bytes. Whom to trust, and whether now lies within the validity, is for the caller.
public struct Certificate: Hashable, Sendable {
    /// The longest certificate that is read, in bytes.
    public static let limit = 262_144

    /// The whole certificate.
    public let blob: [UInt8]
    /// The signature of the authority over ``signedBytes``.
    public let signature: Signature
    let fields: CertificateFields
    private let signedCount: Int

    /// Reads a certificate blob.
    ///
    /// - Throws: ``CertificateError``. Options must be in order and unique, the authority's key must be a
    ///   plain key, nothing may follow the signature.
    public init(blob: some Collection<UInt8>) throws(CertificateError) {
        try self.init(blob: blob, known: nil)
    }

    /// - Parameter known: Taken for the authority's key where its bytes stand there.
    init(blob: some Collection<UInt8>, known: PublicKey?) throws(CertificateError) {
        guard blob.count <= Self.limit else { throw .wire(.tooLong(blob.count, limit: Self.limit)) }
        let bytes = Array(blob)
        var reader = WireReader(bytes)
        fields = try CertificateFields(from: &reader, known: known)
        signedCount = reader.consumed.count
        let content = try CertificateError.wrap { () throws(WireError) in
            let content = try reader.string(limit: 8192)
            try reader.end()
            return content
        }
        signature = try CertificateError.wrapSignature { () throws(SignatureError) in
            try Signature(blob: content)
        }
        self.blob = bytes
    }

    /// The type of the certified key.
    public var type: KeyType { fields.publicKey.type }
    /// The certified key.
    public var publicKey: PublicKey { fields.publicKey }
    /// The number given by the authority; 0 if it gives none.
    public var serial: UInt64 { fields.serial }
    /// For a user or for a host.
    public var kind: CertificateKind { fields.kind }
    /// What the authority wrote for its logs.
    public var keyID: String { fields.keyID }
    /// The names it speaks for; nil if it names none, which must never be read as "all".
    public var principals: Principals? { fields.principals }
    /// The first moment at which it counts.
    public var validAfter: UnixTime { fields.validAfter }
    /// The first moment at which it counts no more.
    public var validBefore: UnixTime { fields.validBefore }
    /// When it counts; nil if never.
    public var validity: Validity? { try? Validity(validAfter: validAfter, validBefore: validBefore) }
    /// What it demands.
    public var criticalOptions: CriticalOptions { fields.criticalOptions }
    /// What it permits.
    public var extensions: Extensions { fields.extensions }
    /// The random bytes that keep two certificates from being alike.
    public var nonce: [UInt8] { fields.nonce }
    /// The key of the authority.
    public var signatureKey: PublicKey { fields.signatureKey }
    /// The fingerprint of the certified key, as `ssh-keygen -l` prints it for certificates too.
    public var fingerprint: Fingerprint { publicKey.fingerprint }
    /// What the authority signed: all bytes before the signature, as they were given.
    public var signedBytes: ArraySlice<UInt8> { blob.prefix(signedCount) }

    /// Checks the signature by ``signatureKey`` over ``signedBytes``.
    ///
    /// - Throws: ``SignatureError``
    public func verifySignature() throws(SignatureError) {
        try signatureKey.verify(signature, over: signedBytes)
    }

    /// Whether two certificates are the same: their blobs are.
    public static func == (left: Certificate, right: Certificate) -> Bool { left.blob == right.blob }

    /// Hashes the blob.
    public func hash(into hasher: inout Hasher) { hasher.combine(blob) }
}
