import Crypto

/// The NIST curves that SSH signs with (RFC 5656 §10.1).
enum NISTCurve: String, Sendable, CaseIterable {
    case p256 = "nistp256"
    case p384 = "nistp384"
    case p521 = "nistp521"

    /// The length of a coordinate, and of a scalar, in bytes.
    var size: Int {
        switch self {
        case .p256: 32
        case .p384: 48
        case .p521: 66
        }
    }

    var bits: Int {
        switch self {
        case .p256: 256
        case .p384: 384
        case .p521: 521
        }
    }

    var keyType: KeyType {
        switch self {
        case .p256: .ecdsaP256
        case .p384: .ecdsaP384
        case .p521: .ecdsaP521
        }
    }

    /// The name of the signatures.
    var algorithm: SignatureAlgorithm {
        switch self {
        case .p256: .ecdsaP256
        case .p384: .ecdsaP384
        case .p521: .ecdsaP521
        }
    }
}

/// A public key on a NIST curve: its point is on the curve and not at infinity.
enum NISTKey: Sendable {
    case p256(P256.Signing.PublicKey)
    case p384(P384.Signing.PublicKey)
    case p521(P521.Signing.PublicKey)

    /// The key of an uncompressed point on the curve (SEC 1 §2.3.4).
    init(_ curve: NISTCurve, point: ArraySlice<UInt8>) throws(KeyError) {
        guard point.count == 1 + 2 * curve.size, point.first == 0x04 else { throw .badPoint }
        do {
            switch curve {
            case .p256: self = .p256(try P256.Signing.PublicKey(x963Representation: point))
            case .p384: self = .p384(try P384.Signing.PublicKey(x963Representation: point))
            case .p521: self = .p521(try P521.Signing.PublicKey(x963Representation: point))
            }
        } catch {
            throw .badPoint
        }
    }

    var curve: NISTCurve {
        switch self {
        case .p256: .p256
        case .p384: .p384
        case .p521: .p521
        }
    }

    /// The point in uncompressed form.
    var point: [UInt8] {
        switch self {
        case .p256(let key): Array(key.x963Representation)
        case .p384(let key): Array(key.x963Representation)
        case .p521(let key): Array(key.x963Representation)
        }
    }

    /// Checks a signature `r ‖ s` over the hash that belongs to the curve (RFC 5656 §6.2.1).
    func isValid(_ raw: [UInt8], for bytes: some Sequence<UInt8>) throws(SignatureError) -> Bool {
        let bytes = Array(bytes)
        do {
            switch self {
            case .p256(let key):
                return key.isValidSignature(
                    try P256.Signing.ECDSASignature(rawRepresentation: raw), for: bytes)
            case .p384(let key):
                return key.isValidSignature(
                    try P384.Signing.ECDSASignature(rawRepresentation: raw), for: bytes)
            case .p521(let key):
                return key.isValidSignature(
                    try P521.Signing.ECDSASignature(rawRepresentation: raw), for: bytes)
            }
        } catch {
            throw .invalid
        }
    }
}

/// A private key on a NIST curve.
enum NISTPrivateKey: Sendable {
    case p256(P256.Signing.PrivateKey)
    case p384(P384.Signing.PrivateKey)
    case p521(P521.Signing.PrivateKey)

    static func generate(_ curve: NISTCurve) -> NISTPrivateKey {
        switch curve {
        case .p256: .p256(P256.Signing.PrivateKey())
        case .p384: .p384(P384.Signing.PrivateKey())
        case .p521: .p521(P521.Signing.PrivateKey())
        }
    }

    /// The key of this scalar, big-endian.
    init(_ curve: NISTCurve, scalar: ArraySlice<UInt8>) throws(KeyError) {
        let bytes = padded(scalar, to: curve.size)
        do {
            switch curve {
            case .p256: self = .p256(try P256.Signing.PrivateKey(rawRepresentation: bytes))
            case .p384: self = .p384(try P384.Signing.PrivateKey(rawRepresentation: bytes))
            case .p521: self = .p521(try P521.Signing.PrivateKey(rawRepresentation: bytes))
            }
        } catch {
            throw .refused("the scalar is not one of \(curve.rawValue)")
        }
    }

    var publicKey: NISTKey {
        switch self {
        case .p256(let key): .p256(key.publicKey)
        case .p384(let key): .p384(key.publicKey)
        case .p521(let key): .p521(key.publicKey)
        }
    }

    /// The scalar, as long as the curve has it. A secret.
    var scalar: [UInt8] {
        switch self {
        case .p256(let key): Array(key.rawRepresentation)
        case .p384(let key): Array(key.rawRepresentation)
        case .p521(let key): Array(key.rawRepresentation)
        }
    }

    /// `r ‖ s` over the hash that belongs to the curve.
    func sign(_ bytes: ArraySlice<UInt8>) throws -> [UInt8] {
        switch self {
        case .p256(let key): Array(try key.signature(for: bytes).rawRepresentation)
        case .p384(let key): Array(try key.signature(for: bytes).rawRepresentation)
        case .p521(let key): Array(try key.signature(for: bytes).rawRepresentation)
        }
    }
}
