import Crypto
import CryptoExtras

/// A private key that signs: Ed25519, a NIST curve or RSA. It prints as `‹redacted›`.
public struct PrivateKey: Sendable {
    /// The kinds that we make.
    public enum GenerableKind: Hashable, Sendable, CaseIterable {
        /// Ed25519.
        case ed25519
        /// ECDSA on NIST P-256.
        case ecdsaP256
        /// ECDSA on NIST P-384.
        case ecdsaP384
        /// ECDSA on NIST P-521.
        case ecdsaP521
        /// RSA with a modulus of 3,072 bits.
        case rsa3072
    }

    /// The public half.
    public let publicKey: PublicKey
    let secret: PrivateNumbers

    init(_ secret: PrivateNumbers) throws(KeyError) {
        self.secret = secret
        publicKey = try secret.publicKey()
    }

    /// Makes a new key from the random numbers of the system.
    ///
    /// - Throws: ``KeyError/refused(_:)`` if the cryptographic library cannot.
    public static func generate(_ kind: GenerableKind) throws(KeyError) -> PrivateKey {
        switch kind {
        case .ed25519: try PrivateKey(.ed25519(Curve25519.Signing.PrivateKey()))
        case .ecdsaP256: try PrivateKey(.ecdsa(.generate(.p256)))
        case .ecdsaP384: try PrivateKey(.ecdsa(.generate(.p384)))
        case .ecdsaP521: try PrivateKey(.ecdsa(.generate(.p521)))
        case .rsa3072: try PrivateKey(.rsa(try RSAPrivateNumbers.generate()))
        }
    }

    /// The Ed25519 key of this seed (RFC 8032 §5.1.5).
    ///
    /// - Throws: ``KeyError/badLength(_:expected:)`` unless it is 32 bytes long.
    public init(ed25519Seed: [UInt8]) throws(KeyError) {
        guard ed25519Seed.count == 32 else { throw .badLength(ed25519Seed.count, expected: 32) }
        do {
            try self.init(.ed25519(try Curve25519.Signing.PrivateKey(rawRepresentation: ed25519Seed)))
        } catch {
            throw .refused("Ed25519 seed")
        }
    }

    /// The 32 bytes that an Ed25519 key is made of; nil for other kinds. Handle them as a secret.
    public var ed25519Seed: [UInt8]? {
        guard case .ed25519(let key) = secret else { return nil }
        return Array(key.rawRepresentation)
    }

    /// Signs these bytes: `ssh-ed25519`, `ecdsa-sha2-nistp…` or `rsa-sha2-512`.
    ///
    /// - Throws: ``KeyError/refused(_:)`` if the cryptographic library cannot.
    public func sign(_ bytes: [UInt8]) throws(KeyError) -> Signature {
        try sign(bytes[...])
    }

    /// Signs these bytes: `ssh-ed25519`, `ecdsa-sha2-nistp…` or `rsa-sha2-512`.
    ///
    /// - Throws: ``KeyError/refused(_:)`` if the cryptographic library cannot.
    public func sign(_ bytes: ArraySlice<UInt8>) throws(KeyError) -> Signature {
        do {
            switch secret {
            case .ed25519(let key):
                return try Signature(algorithm: "ssh-ed25519", bytes: Array(try key.signature(for: bytes)))
            case .ecdsa(let key):
                let raw = try key.sign(bytes)
                return try Signature(
                    algorithm: key.publicKey.curve.algorithm.rawValue,
                    bytes: SignatureAlgorithm.ecdsaBytes(raw: raw))
            case .rsa(let numbers):
                let digest = SHA512.hash(data: bytes)
                let raw = try numbers.key.signature(for: digest, padding: .insecurePKCS1v1_5)
                return try Signature(algorithm: "rsa-sha2-512", bytes: Array(raw.rawRepresentation))
            }
        } catch {
            throw .refused("signing")
        }
    }
}

extension PrivateKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Never the key.
    public var description: String { "‹redacted›" }
    /// Never the key.
    public var debugDescription: String { description }
    /// Never the key.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
