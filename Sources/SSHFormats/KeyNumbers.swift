import Crypto

/// The numbers inside a public key, checked.
enum KeyNumbers: Sendable {
    case ed25519(Curve25519.Signing.PublicKey)
    case p256(P256.Signing.PublicKey)
    case rsa(modulus: [UInt8], exponent: [UInt8])
    case skEd25519(Curve25519.Signing.PublicKey, application: String)
    case skP256(P256.Signing.PublicKey, application: String)

    static let curveName = "nistp256"
    /// 16,384 bits: more than that only costs time.
    static let modulusLimit = 2048

    /// Reads what follows the type's name in a key blob.
    init(of type: KeyType, from reader: inout WireReader) throws(KeyError) {
        switch type {
        case .ed25519: self = .ed25519(try Self.ed25519(from: &reader))
        case .ecdsaP256: self = .p256(try Self.p256(from: &reader))
        case .rsa: self = try Self.rsa(from: &reader)
        case .skEd25519:
            let key = try Self.ed25519(from: &reader)
            self = .skEd25519(key, application: try Self.application(from: &reader))
        case .skECDSAP256:
            let key = try Self.p256(from: &reader)
            self = .skP256(key, application: try Self.application(from: &reader))
        }
    }

    func write(to writer: inout WireWriter) {
        switch self {
        case .ed25519(let key):
            writer.string(Array(key.rawRepresentation))
        case .p256(let key):
            writer.string(Self.curveName)
            writer.string(Array(key.x963Representation))
        case .rsa(let modulus, let exponent):
            writer.mpint(exponent)
            writer.mpint(modulus)
        case .skEd25519(let key, let application):
            writer.string(Array(key.rawRepresentation))
            writer.string(application)
        case .skP256(let key, let application):
            writer.string(Self.curveName)
            writer.string(Array(key.x963Representation))
            writer.string(application)
        }
    }

    static func ed25519(from reader: inout WireReader) throws(KeyError) -> Curve25519.Signing.PublicKey {
        let bytes = try KeyError.wrap { () throws(WireError) in try reader.string(limit: 1024) }
        guard bytes.count == 32 else { throw .badLength(bytes.count, expected: 32) }
        do {
            return try Curve25519.Signing.PublicKey(rawRepresentation: bytes)
        } catch {
            throw .refused("Ed25519 key")
        }
    }

    static func p256(from reader: inout WireReader) throws(KeyError) -> P256.Signing.PublicKey {
        let curve = try KeyError.wrap { () throws(WireError) in try reader.text(limit: 64) }
        guard curve == curveName else { throw .wrongCurve(curve) }
        let point = try KeyError.wrap { () throws(WireError) in try reader.string(limit: 1024) }
        return try p256(point: point)
    }

    /// The key of an uncompressed point on the curve (SEC 1 §2.3.4).
    static func p256(point: ArraySlice<UInt8>) throws(KeyError) -> P256.Signing.PublicKey {
        guard point.count == 65, point.first == 0x04 else { throw .badPoint }
        do {
            return try P256.Signing.PublicKey(x963Representation: point)
        } catch {
            throw .badPoint
        }
    }

    private static func rsa(from reader: inout WireReader) throws(KeyError) -> KeyNumbers {
        let (exponent, modulus) = try KeyError.wrap { () throws(WireError) in
            (try reader.mpint(limit: 8), try reader.mpint(limit: modulusLimit))
        }
        return try rsa(modulus: modulus, exponent: exponent)
    }

    static func rsa(modulus: ArraySlice<UInt8>, exponent: ArraySlice<UInt8>) throws(KeyError) -> KeyNumbers {
        let bits = bitLength(modulus)
        let isOdd = (modulus.last ?? 0) & 1 == 1 && (exponent.last ?? 0) & 1 == 1
        guard bits >= 1024, bits <= modulusLimit * 8, isOdd, bitLength(exponent) > 1 else {
            throw .badRSA(bits: bits)
        }
        return .rsa(modulus: Array(modulus), exponent: Array(exponent))
    }

    private static func application(from reader: inout WireReader) throws(KeyError) -> String {
        try KeyError.wrap { () throws(WireError) in try reader.text(limit: 1024) }
    }
}

/// How many bits a big-endian number without leading zero bytes has.
func bitLength(_ magnitude: some BidirectionalCollection<UInt8>) -> Int {
    guard let first = magnitude.first else { return 0 }
    return magnitude.count * 8 - first.leadingZeroBitCount
}
