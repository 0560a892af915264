/// A public key that has been read and can be used: its point is on the curve, its numbers are in range.
///
/// Equal keys have equal blobs. Whether the key is strong enough to be certified is a question of its own:
/// ``checkStrength()``.
public struct PublicKey: Hashable, Sendable {
    /// The key as SSH sends it (RFC 4253 §6.6): the type's name, then the numbers. This is what fingerprints
    /// are made of.
    public let blob: [UInt8]
    /// What kind of key it is.
    public let type: KeyType
    let numbers: KeyNumbers

    /// Reads a key blob.
    ///
    /// A key of a type that is not known here is taken as it is if its fields have the form of `string`s, up to the
    /// end; it verifies nothing.
    /// - Throws: ``KeyError``; trailing bytes, certificates and DSA are refused.
    public init(blob: some Collection<UInt8>) throws(KeyError) {
        let bytes = Array(blob)
        var reader = WireReader(bytes)
        let name = try KeyError.wrap { () throws(WireError) in try reader.text(limit: 256) }
        type = try KeyType(carrying: name)
        numbers =
            type.isKnown ? try KeyNumbers(of: type, from: &reader) : try KeyNumbers.others(from: &reader)
        try KeyError.wrap { () throws(WireError) in try reader.end() }
        self.blob = bytes
    }

    /// Reads the numbers of a key of known type, as they stand inside a certificate, and leaves the reader
    /// behind them.
    init(of type: KeyType, from reader: inout WireReader) throws(KeyError) {
        let start = reader.remaining
        self.type = type
        numbers = try KeyNumbers(of: type, from: &reader)
        var writer = WireWriter(capacity: start.count - reader.left + 64)
        writer.string(type.name)
        writer.raw(start.dropLast(reader.left))
        blob = writer.bytes
    }

    init(type: KeyType, numbers: KeyNumbers) {
        var writer = WireWriter()
        writer.string(type.name)
        numbers.write(to: &writer)
        self.type = type
        self.numbers = numbers
        blob = writer.bytes
    }

    /// The SHA-256 hash of the blob, as `ssh-keygen -l` prints it.
    public var fingerprint: Fingerprint { Fingerprint(of: blob) }

    /// The size that `ssh-keygen -l` prints: of the RSA modulus or the curve; 0 for types that are not known here.
    public var bits: Int {
        switch numbers {
        case .rsa(let modulus, _): bitLength(modulus)
        case .ecdsa(let key): key.curve.bits
        case .ed25519, .skEd25519, .skP256: 256
        case .other: 0
        }
    }

    /// The application a FIDO key is bound to, `ssh:` for most; nil for all other keys.
    public var application: String? {
        switch numbers {
        case .skEd25519(_, let application), .skP256(_, let application): application
        case .ed25519, .ecdsa, .rsa, .other: nil
        }
    }

    /// The bytes of the key after its type's name, as they stand inside a certificate.
    var fields: ArraySlice<UInt8> { blob.dropFirst(4 + type.name.utf8.count) }

    /// Whether two keys are the same: their blobs are.
    public static func == (left: PublicKey, right: PublicKey) -> Bool { left.blob == right.blob }

    /// Hashes the blob.
    public func hash(into hasher: inout Hasher) { hasher.combine(blob) }
}
