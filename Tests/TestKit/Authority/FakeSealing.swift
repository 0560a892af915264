package import Authority
import Crypto

/// Seals with ChaCha20-Poly1305 under a key of its own.
package struct FakeSealing: SecretSealing {
    private let key = SymmetricKey(size: .bits256)

    package init() {}

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
