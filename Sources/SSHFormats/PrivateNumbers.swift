import Crypto
import CryptoExtras

/// The numbers of a private key, as key files and agents carry them (draft-miller-ssh-agent §3.2).
enum PrivateNumbers: Sendable {
    case ed25519(Curve25519.Signing.PrivateKey)
    case ecdsa(NISTPrivateKey)
    case rsa(RSAPrivateNumbers)

    func publicKey() throws(KeyError) -> PublicKey {
        switch self {
        case .ed25519(let key): PublicKey(type: .ed25519, numbers: .ed25519(key.publicKey))
        case .ecdsa(let key): PublicKey(type: key.publicKey.curve.keyType, numbers: .ecdsa(key.publicKey))
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
        case .ecdsaP256: self = .ecdsa(try Self.nist(.p256, from: &reader))
        case .ecdsaP384: self = .ecdsa(try Self.nist(.p384, from: &reader))
        case .ecdsaP521: self = .ecdsa(try Self.nist(.p521, from: &reader))
        case .rsa: self = .rsa(try RSAPrivateNumbers(from: &reader))
        case .skEd25519, .skECDSAP256: throw .refused("the private half lives in a FIDO token")
        case .other(let name): throw .unknownType(name.text)
        }
    }

    /// Writes the fields after the type's name.
    func write(to writer: inout WireWriter) {
        switch self {
        case .ed25519(let key):
            Self.write(key, to: &writer)
        case .ecdsa(let key):
            writer.string(key.publicKey.curve.rawValue)
            writer.string(key.publicKey.point)
            writer.mpint(key.scalar)
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
        case .ecdsa(let key):
            writer.mpint(key.scalar)
        case .rsa(let numbers):
            for number in [numbers.d, numbers.iqmp, numbers.p, numbers.q] { writer.mpint(number) }
        }
    }

    /// Reads the fields that follow a certificate for this key.
    init(beside publicKey: PublicKey, from reader: inout WireReader) throws(KeyError) {
        switch publicKey.numbers {
        case .ed25519: self = .ed25519(try Self.ed25519(from: &reader))
        case .ecdsa(let key): self = .ecdsa(try Self.scalar(key.curve, from: &reader))
        case .rsa(let modulus, let exponent):
            self = .rsa(try RSAPrivateNumbers(n: modulus, e: exponent, from: &reader))
        case .skEd25519, .skP256: throw .refused("the private half lives in a FIDO token")
        case .other: throw .unknownType(publicKey.type.name)
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

    private static func nist(
        _ curve: NISTCurve, from reader: inout WireReader
    ) throws(KeyError) -> NISTPrivateKey {
        let publicKey = try KeyNumbers.nist(curve, from: &reader)
        let key = try scalar(curve, from: &reader)
        guard key.publicKey.point == publicKey.point else { throw .halvesDiffer }
        return key
    }

    private static func scalar(
        _ curve: NISTCurve, from reader: inout WireReader
    ) throws(KeyError) -> NISTPrivateKey {
        let scalar = try KeyError.wrap { () throws(WireError) in try reader.mpint(limit: curve.size) }
        return try NISTPrivateKey(curve, scalar: scalar)
    }
}
