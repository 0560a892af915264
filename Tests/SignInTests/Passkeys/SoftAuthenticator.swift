import Authority
import Crypto
import CryptoExtras

/// An authenticator without hardware, and the browser around it: both say whatever they are told to.
struct SoftAuthenticator: Sendable {
    enum Key: Sendable {
        case es256(P256.Signing.PrivateKey)
        case eddsa(Curve25519.Signing.PrivateKey)
        case rs256(_RSA.Signing.PrivateKey)
    }

    /// What it says, right unless a test says otherwise.
    struct Saying: Sendable {
        var challenge: [UInt8]
        var type: String?
        var origin = "https://ca.example.com:8443"
        var relyingParty = "ca.example.com"
        /// Present and verified.
        var flags: UInt8 = 0x05
        var count: UInt32 = 0
        /// Further members of the client data, as JSON.
        var more = #","crossOrigin":false"#
        /// In place of the client data as a whole.
        var clientData: String?
    }

    let key: Key
    let id: [UInt8]

    init(_ algorithm: PasskeyAlgorithm = .es256) throws {
        id = (0..<32).map { _ in .random(in: 0...255) }
        key =
            switch algorithm {
            case .es256: .es256(P256.Signing.PrivateKey())
            case .eddsa: .eddsa(Curve25519.Signing.PrivateKey())
            case .rs256: .rs256(try _RSA.Signing.PrivateKey(keySize: .bits2048))
            }
    }

    /// One of another size.
    init(rsaBits bits: Int) throws {
        id = [1, 2, 3]
        key = .rs256(try _RSA.Signing.PrivateKey(keySize: _RSA.Signing.KeySize(bitCount: bits)))
    }

    func attestation(
        _ saying: Saying, key cose: [UInt8]? = nil, format: String = "none"
    ) throws
        -> PasskeyAttestation
    {
        let cose = try cose ?? self.cose
        let length: [UInt8] = [UInt8(id.count >> 8), UInt8(id.count & 255)]
        let attested = [UInt8](repeating: 0, count: 16) + length + id + cose
        let data = Self.authenticatorData(saying, flags: saying.flags | 0x40) + attested
        let object =
            [0xa3] + CBOR.text("fmt") + CBOR.text(format) + CBOR.text("attStmt") + [0xa0]
            + CBOR.text("authData") + CBOR.bytes(data)
        return PasskeyAttestation(
            clientData: Self.clientData(saying, "webauthn.create"), object: object, transports: ["usb"])
    }

    func assertion(_ saying: Saying, handle: [UInt8]) throws -> PasskeyAssertion {
        let client = Self.clientData(saying, "webauthn.get")
        let data = Self.authenticatorData(saying, flags: saying.flags)
        return PasskeyAssertion(
            id: id, clientData: client, authenticatorData: data,
            signature: try sign(data + SHA256.hash(data: client)), handle: handle)
    }

    func sign(_ message: [UInt8]) throws -> [UInt8] {
        switch key {
        case .es256(let key): Array(try key.signature(for: message).derRepresentation)
        case .eddsa(let key): Array(try key.signature(for: message))
        case .rs256(let key):
            Array(
                try key.signature(for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5)
                    .rawRepresentation)
        }
    }

    /// The public key (RFC 8152 §13, RFC 8230 §4).
    var cose: [UInt8] {
        get throws {
            switch key {
            case .es256(let key):
                let point = Array(key.publicKey.rawRepresentation)
                return [0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21] + CBOR.bytes(Array(point[..<32])) + [0x22]
                    + CBOR.bytes(Array(point[32...]))
            case .eddsa(let key):
                return [0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21]
                    + CBOR.bytes(Array(key.publicKey.rawRepresentation))
            case .rs256(let key):
                let numbers = try key.publicKey.getKeyPrimitives()
                return [0xa4, 1, 3, 3, 0x39, 1, 0, 0x20] + CBOR.bytes(Array(numbers.modulus)) + [0x21]
                    + CBOR.bytes(Array(numbers.publicExponent))
            }
        }
    }

    private static func authenticatorData(_ saying: Saying, flags: UInt8) -> [UInt8] {
        let count = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: saying.count >> UInt32($0)) }
        return Array(SHA256.hash(data: Array(saying.relyingParty.utf8))) + [flags] + count
    }

    private static func clientData(_ saying: Saying, _ type: String) -> [UInt8] {
        let usual = """
            {"type":"\(saying.type ?? type)","challenge":"\(Base64URL.text(saying.challenge))",\
            "origin":"\(saying.origin)"\(saying.more)}
            """
        return Array((saying.clientData ?? usual).utf8)
    }
}

/// The little of RFC 8949 that is written here.
enum CBOR {
    static func text(_ text: String) -> [UInt8] { head(0x60, text.utf8.count) + text.utf8 }
    static func bytes(_ bytes: [UInt8]) -> [UInt8] { head(0x40, bytes.count) + bytes }

    private static func head(_ kind: UInt8, _ count: Int) -> [UInt8] {
        if count < 24 { return [kind | UInt8(count)] }
        if count < 256 { return [kind | 24, UInt8(count)] }
        return [kind | 25, UInt8(count >> 8), UInt8(count & 255)]
    }
}
