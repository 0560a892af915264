package import Authority
import Crypto

/// Seals secrets with ChaCha20-Poly1305 (RFC 8439) under one key, that never lives in the database.
package struct SealedSecrets: SecretSealing {
    /// Length of the key, in bytes.
    package static let keyLength = 32

    private let key: SymmetricKey

    /// Nil unless the key has ``keyLength`` bytes.
    package init?(key: [UInt8]) {
        guard key.count == Self.keyLength else { return nil }
        self.key = SymmetricKey(data: key)
    }

    /// Nonce (12 bytes, random), ciphertext, tag (16 bytes); `context` is authenticated with it.
    package func seal(_ plain: [UInt8], context: String) throws(SealingError) -> [UInt8] {
        do {
            return Array(try ChaChaPoly.seal(plain, using: key, authenticating: Array(context.utf8)).combined)
        } catch {
            throw .wrongKeyOrAltered
        }
    }

    package func open(_ sealed: [UInt8], context: String) throws(SealingError) -> [UInt8] {
        do {
            let box = try ChaChaPoly.SealedBox(combined: sealed)
            return Array(try ChaChaPoly.open(box, using: key, authenticating: Array(context.utf8)))
        } catch {
            throw .wrongKeyOrAltered
        }
    }
}
