import Crypto

/// The numbers inside a public key, checked.
enum KeyNumbers: Sendable {
    case ed25519(Curve25519.Signing.PublicKey)
    case ecdsa(NISTKey)
    case rsa(modulus: [UInt8], exponent: [UInt8])
    case skEd25519(Curve25519.Signing.PublicKey, application: String)
    case skP256(NISTKey, application: String)
    /// Fields that we cannot read: one or more `string`s.
    case other([UInt8])

    /// 16,384 bits: more than that only costs time.
    static let modulusLimit = 2048
    /// The most fields of a key that is not known here.
    static let fieldLimit = 16

    /// Reads what follows the type's name in a key blob.
    init(of type: KeyType, from reader: inout WireReader) throws(KeyError) {
        switch type {
        case .ed25519: self = .ed25519(try Self.ed25519(from: &reader))
        case .ecdsaP256: self = .ecdsa(try Self.nist(.p256, from: &reader))
        case .ecdsaP384: self = .ecdsa(try Self.nist(.p384, from: &reader))
        case .ecdsaP521: self = .ecdsa(try Self.nist(.p521, from: &reader))
        case .rsa: self = try Self.rsa(from: &reader)
        case .skEd25519:
            let key = try Self.ed25519(from: &reader)
            self = .skEd25519(key, application: try Self.application(from: &reader))
        case .skECDSAP256:
            let key = try Self.nist(.p256, from: &reader)
            self = .skP256(key, application: try Self.application(from: &reader))
        case .other: self = .other(try Self.field(from: &reader))
        }
    }

    /// Reads the fields of a key that is not known here, up to the end of its blob.
    static func others(from reader: inout WireReader) throws(KeyError) -> KeyNumbers {
        var fields: [UInt8] = []
        var count = 0
        repeat {
            guard count < fieldLimit else { throw .malformed("at most \(fieldLimit) fields") }
            fields += try field(from: &reader)
            count += 1
        } while !reader.isAtEnd
        return .other(fields)
    }

    func write(to writer: inout WireWriter) {
        switch self {
        case .ed25519(let key):
            writer.string(Array(key.rawRepresentation))
        case .ecdsa(let key):
            writer.string(key.curve.rawValue)
            writer.string(key.point)
        case .rsa(let modulus, let exponent):
            writer.mpint(exponent)
            writer.mpint(modulus)
        case .skEd25519(let key, let application):
            writer.string(Array(key.rawRepresentation))
            writer.string(application)
        case .skP256(let key, let application):
            writer.string(key.curve.rawValue)
            writer.string(key.point)
            writer.string(application)
        case .other(let fields):
            writer.raw(fields)
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

    static func nist(_ curve: NISTCurve, from reader: inout WireReader) throws(KeyError) -> NISTKey {
        let name = try KeyError.wrap { () throws(WireError) in try reader.text(limit: 64) }
        guard name == curve.rawValue else { throw .wrongCurve(name) }
        let point = try KeyError.wrap { () throws(WireError) in try reader.string(limit: 1024) }
        return try NISTKey(curve, point: point)
    }

    private static func rsa(from reader: inout WireReader) throws(KeyError) -> KeyNumbers {
        let (exponent, modulus) = try KeyError.wrap { () throws(WireError) in
            (try reader.mpint(limit: 8), try reader.mpint(limit: modulusLimit))
        }
        return try rsa(modulus: modulus, exponent: exponent)
    }

    static func rsa(modulus: ArraySlice<UInt8>, exponent: ArraySlice<UInt8>) throws(KeyError) -> KeyNumbers {
        let bits = bitLength(modulus)
        guard bitLength(exponent) > 1 else { throw .smallExponent }
        let isOdd = (modulus.last ?? 0) & 1 == 1 && (exponent.last ?? 0) & 1 == 1
        guard bits >= 1024, bits <= modulusLimit * 8, isOdd else { throw .badRSA(bits: bits) }
        return .rsa(modulus: Array(modulus), exponent: Array(exponent))
    }

    /// One `string`, with its length.
    private static func field(from reader: inout WireReader) throws(KeyError) -> [UInt8] {
        let start = reader.remaining
        _ = try KeyError.wrap { () throws(WireError) in try reader.string(limit: 65_536) }
        return Array(start.dropLast(reader.left))
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
