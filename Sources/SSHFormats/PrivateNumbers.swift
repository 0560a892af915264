import Crypto
import CryptoExtras

/// The numbers of a private key, as key files and agents carry them (draft-miller-ssh-agent §3.2).
enum PrivateNumbers: Sendable {
    case ed25519(Curve25519.Signing.PrivateKey)
    case p256(P256.Signing.PrivateKey)
    case rsa(RSAPrivateNumbers)

    func publicKey() throws(KeyError) -> PublicKey {
        switch self {
        case .ed25519(let key): PublicKey(type: .ed25519, numbers: .ed25519(key.publicKey))
        case .p256(let key): PublicKey(type: .ecdsaP256, numbers: .p256(key.publicKey))
        case .rsa(let numbers):
            PublicKey(
                type: .rsa,
                numbers: try KeyNumbers.rsa(modulus: numbers.n[...], exponent: numbers.e[...]))
        }
    }

    /// Reads the fields after the type's name, and checks that the halves belong together.
    init(of type: KeyType, from reader: inout WireReader) throws(KeyError) {
        switch type {
        case .ed25519: self = .ed25519(try Self.ed25519(from: &reader))
        case .ecdsaP256: self = .p256(try Self.p256(from: &reader))
        case .rsa: self = .rsa(try RSAPrivateNumbers(from: &reader))
        case .skEd25519, .skECDSAP256: throw .refused("the private half lives in a FIDO token")
        }
    }

    /// Writes the fields after the type's name.
    func write(to writer: inout WireWriter) {
        switch self {
        case .ed25519(let key):
            Self.write(key, to: &writer)
        case .p256(let key):
            writer.string(KeyNumbers.curveName)
            writer.string(Array(key.publicKey.x963Representation))
            writer.mpint(Array(key.rawRepresentation))
        case .rsa(let numbers):
            for number in [numbers.n, numbers.e, numbers.d, numbers.iqmp, numbers.p, numbers.q] {
                writer.mpint(number)
            }
        }
    }

    /// Writes the fields that follow a certificate: those that it does not hold itself.
    func writeBesideCertificate(to writer: inout WireWriter) {
        switch self {
        case .ed25519(let key):
            Self.write(key, to: &writer)
        case .p256(let key):
            writer.mpint(Array(key.rawRepresentation))
        case .rsa(let numbers):
            for number in [numbers.d, numbers.iqmp, numbers.p, numbers.q] { writer.mpint(number) }
        }
    }

    /// Reads the fields that follow a certificate for this key.
    init(beside publicKey: PublicKey, from reader: inout WireReader) throws(KeyError) {
        switch publicKey.numbers {
        case .ed25519: self = .ed25519(try Self.ed25519(from: &reader))
        case .p256: self = .p256(try Self.p256Scalar(from: &reader))
        case .rsa(let modulus, let exponent):
            self = .rsa(try RSAPrivateNumbers(n: modulus, e: exponent, from: &reader))
        case .skEd25519, .skP256: throw .refused("the private half lives in a FIDO token")
        }
        guard try self.publicKey() == publicKey else { throw .halvesDiffer }
    }

    private static func write(_ key: Curve25519.Signing.PrivateKey, to writer: inout WireWriter) {
        let point = Array(key.publicKey.rawRepresentation)
        writer.string(point)
        writer.string(Array(key.rawRepresentation) + point)
    }

    private static func ed25519(
        from reader: inout WireReader
    ) throws(KeyError) -> Curve25519.Signing.PrivateKey {
        let (point, both) = try KeyError.wrap { () throws(WireError) in
            (try reader.string(limit: 32), try reader.string(limit: 64))
        }
        guard both.count == 64 else { throw .badLength(both.count, expected: 64) }
        let key: Curve25519.Signing.PrivateKey
        do {
            key = try Curve25519.Signing.PrivateKey(rawRepresentation: both.prefix(32))
        } catch {
            throw .refused("Ed25519 seed")
        }
        let expected = Array(key.publicKey.rawRepresentation)
        guard point.elementsEqual(expected), both.dropFirst(32).elementsEqual(expected) else {
            throw .halvesDiffer
        }
        return key
    }

    private static func p256(from reader: inout WireReader) throws(KeyError) -> P256.Signing.PrivateKey {
        let publicKey = try KeyNumbers.p256(from: &reader)
        let key = try p256Scalar(from: &reader)
        guard key.publicKey.x963Representation == publicKey.x963Representation else { throw .halvesDiffer }
        return key
    }

    private static func p256Scalar(from reader: inout WireReader) throws(KeyError) -> P256.Signing.PrivateKey
    {
        let scalar = try KeyError.wrap { () throws(WireError) in try reader.mpint(limit: 32) }
        do {
            return try P256.Signing.PrivateKey(rawRepresentation: padded(scalar, to: 32))
        } catch {
            throw .refused("P-256 scalar")
        }
    }
}
