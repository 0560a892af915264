package import AuthorityAPI
import Crypto
import CryptoExtras

/// A public key of a provider (RFC 7517) that ID tokens may be signed with. It is of one algorithm and verifies no other.
package struct ProviderKey: Sendable {
    private enum Numbers: Sendable {
        case rsa(_RSA.Signing.PublicKey, bytes: Int)
        case p256(P256.Signing.PublicKey)
        case ed25519(Curve25519.Signing.PublicKey)
    }

    /// `kid`; some providers name none.
    package let id: String?
    package let algorithm: TokenAlgorithm
    private let numbers: Numbers

    /// nil for keys of other kinds and uses, weak ones, and such as have a private part.
    package init?(_ jwk: JSONValue) {
        guard let numbers = Self.numbers(jwk) else { return nil }
        let algorithm: TokenAlgorithm =
            switch numbers {
            case .rsa: .rs256
            case .p256: .es256
            case .ed25519: .eddsa
            }
        guard jwk["d"] == nil, jwk["k"] == nil, jwk["use"].map({ $0.text == "sig" }) ?? true,
            jwk["key_ops"].map({ $0.texts?.contains("verify") ?? false }) ?? true,
            jwk["alg"].map({ $0.text == algorithm.rawValue || $0.text == "Ed25519" && algorithm == .eddsa })
                ?? true
        else { return nil }
        if let kid = jwk["kid"] {
            guard let text = kid.text, text.utf8.count <= 256 else { return nil }
            id = text
        } else {
            id = nil
        }
        self.algorithm = algorithm
        self.numbers = numbers
    }

    package func isValid(_ signature: [UInt8], over signed: [UInt8]) -> Bool {
        switch numbers {
        case .rsa(let key, let bytes):
            guard signature.count == bytes else { return false }
            return key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature), for: SHA256.hash(data: signed),
                padding: .insecurePKCS1v1_5)
        case .p256(let key):
            guard signature.count == 64,
                let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
            else { return false }
            return key.isValidSignature(signature, for: signed)
        case .ed25519(let key):
            return signature.count == 64 && key.isValidSignature(signature, for: signed)
        }
    }

    private static func numbers(_ jwk: JSONValue) -> Numbers? {
        switch (jwk["kty"]?.text, jwk["crv"]?.text) {
        case ("RSA", _):
            guard let modulus = jwk["n"]?.base64URL.map({ Array($0.drop { $0 == 0 }) }),
                let exponent = jwk["e"]?.base64URL, (256...1_024).contains(modulus.count),
                modulus.first.map({ $0 >= 0x80 || modulus.count > 256 }) ?? false,
                (1...4).contains(exponent.count), let last = exponent.last, last & 1 == 1,
                exponent.reduce(0, { $0 << 8 | UInt64($1) }) >= 3,
                let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent)
            else { return nil }
            return .rsa(key, bytes: modulus.count)
        case ("EC", "P-256"):
            guard let x = jwk["x"]?.base64URL, x.count == 32, let y = jwk["y"]?.base64URL, y.count == 32,
                let key = try? P256.Signing.PublicKey(x963Representation: [4] + x + y)
            else { return nil }
            return .p256(key)
        case ("OKP", "Ed25519"):
            guard let x = jwk["x"]?.base64URL, x.count == 32,
                let key = try? Curve25519.Signing.PublicKey(rawRepresentation: x)
            else { return nil }
            return .ed25519(key)
        default: return nil
        }
    }
}
