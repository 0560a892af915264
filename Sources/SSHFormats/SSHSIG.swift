/// A signature over a file or another message, as `ssh-keygen -Y sign` makes them (OpenSSH's PROTOCOL.sshsig).
///
/// What is signed is not the message but its hash, together with a namespace that says what the signature is for,
/// so that a signature for one purpose never counts for another. Reading checks the form; ``verify(_:namespace:)``
/// checks the signature. Whether the signer may sign is for ``AllowedSigners`` to say.
public struct SSHSIG: Hashable, Sendable {
    /// The longest signature that is read, in bytes.
    public static let limit = 262_144
    /// The only version of the format.
    public static let version: UInt32 = 1

    static let magic = Array("SSHSIG".utf8)

    /// The whole signature, without armour.
    public let blob: [UInt8]
    /// Who says that they signed: a key or, for authorities in ``AllowedSigners``, a certificate.
    public let signer: KeyOrCertificate
    /// What the signature is for, for example `file`, `git` or `mail@example.com`. Never empty.
    public let namespace: String
    /// How the message was hashed.
    public let hash: SSHSIGHash
    /// The signature over ``toBeSigned(digest:namespace:hash:)``.
    public let signature: Signature

    /// Reads a signature without armour.
    ///
    /// - Throws: ``SSHSIGError``; trailing bytes are refused. A reserved field that is not empty is read over, as
    ///   PROTOCOL.sshsig demands, and never signed.
    public init(blob: some Collection<UInt8>) throws(SSHSIGError) {
        guard blob.count <= Self.limit else { throw .wire(.tooLong(blob.count, limit: Self.limit)) }
        let bytes = Array(blob)
        guard bytes.starts(with: Self.magic) else { throw .badMagic }
        var reader = WireReader(bytes.dropFirst(Self.magic.count))
        let version = try SSHSIGError.wrap { () throws(WireError) in try reader.uint32() }
        guard version == Self.version else { throw .unknownVersion(version) }
        signer = try Self.signer(&reader)
        let (namespace, hash, content) = try SSHSIGError.wrap { () throws(WireError) in
            let namespace = try reader.text(limit: 4096)
            _ = try reader.string()
            let fields = (namespace, try reader.text(limit: 64), try reader.string(limit: 16_384))
            try reader.end()
            return fields
        }
        guard !namespace.isEmpty else { throw .noNamespace }
        guard let hash = SSHSIGHash(rawValue: hash) else { throw .unknownHash(hash) }
        self.namespace = namespace
        self.hash = hash
        do { signature = try Signature(blob: content) } catch { throw .signature(error) }
        self.blob = bytes
    }

    /// A signature put together from its parts, and checked.
    ///
    /// - Parameters:
    ///   - digest: The hash of the message, ``SSHSIGHash/byteCount`` long.
    ///   - signature: Over ``toBeSigned(digest:namespace:hash:)``.
    /// - Throws: ``SSHSIGError/noNamespace``, ``SSHSIGError/badDigest(_:expected:)``,
    ///   ``SSHSIGError/signature(_:)`` if the signature is not by this signer over this digest.
    public init(
        signer: KeyOrCertificate, digest: [UInt8], namespace: String, hash: SSHSIGHash = .sha512,
        signature: Signature
    ) throws(SSHSIGError) {
        guard !namespace.isEmpty else { throw .noNamespace }
        var writer = WireWriter(capacity: 512)
        writer.raw(Self.magic)
        writer.uint32(Self.version)
        writer.string(signer.blob)
        writer.string(namespace)
        writer.string("")
        writer.string(hash.rawValue)
        writer.string(signature.blob)
        try self.init(blob: writer.bytes)
        try verify(digest: digest, namespace: namespace)
    }

    /// Checks that the signer signed this message for this purpose.
    ///
    /// - Parameter namespace: What the signature must be for; it is compared byte for byte.
    /// - Throws: ``SSHSIGError/wrongNamespace(_:expected:)``, ``SSHSIGError/signature(_:)``
    public func verify(_ message: some Collection<UInt8>, namespace: String) throws(SSHSIGError) {
        try verify(digest: hash.digest(of: message), namespace: namespace)
    }

    /// Checks the signature over a message that was hashed elsewhere, piece by piece perhaps
    /// (``SSHSIGHash/Hasher``).
    ///
    /// - Throws: ``SSHSIGError/badDigest(_:expected:)``, ``SSHSIGError/wrongNamespace(_:expected:)``,
    ///   ``SSHSIGError/signature(_:)``
    public func verify(digest: [UInt8], namespace: String) throws(SSHSIGError) {
        guard namespace.utf8.elementsEqual(self.namespace.utf8) else {
            throw .wrongNamespace(self.namespace, expected: namespace)
        }
        let bytes = try Self.toBeSigned(digest: digest, namespace: namespace, hash: hash)
        do { try signer.publicKey.verify(signature, over: bytes) } catch { throw .signature(error) }
    }

    /// The bytes for a key to sign (PROTOCOL.sshsig §3).
    ///
    /// - Throws: ``SSHSIGError/noNamespace``, ``SSHSIGError/badDigest(_:expected:)``
    public static func toBeSigned(
        digest: [UInt8], namespace: String, hash: SSHSIGHash
    ) throws(SSHSIGError) -> [UInt8] {
        guard !namespace.isEmpty, !namespace.utf8.contains(0) else { throw .noNamespace }
        guard digest.count == hash.byteCount else {
            throw .badDigest(digest.count, expected: hash.byteCount)
        }
        var writer = WireWriter(capacity: 128)
        writer.raw(magic)
        writer.string(namespace)
        writer.string("")
        writer.string(hash.rawValue)
        writer.string(digest)
        return writer.bytes
    }

    private static func signer(_ reader: inout WireReader) throws(SSHSIGError) -> KeyOrCertificate {
        let blob = try SSHSIGError.wrap { () throws(WireError) in try reader.string() }
        do { return try KeyOrCertificate(blob: blob) } catch { throw .signer(error) }
    }

    /// Whether two signatures are the same: their blobs are.
    public static func == (left: SSHSIG, right: SSHSIG) -> Bool { left.blob == right.blob }

    /// Hashes the blob.
    public func hash(into hasher: inout Swift.Hasher) { hasher.combine(blob) }
}
