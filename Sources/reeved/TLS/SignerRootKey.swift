import Authority
import Crypto
import Foundation
import SSHFormats
import SwiftASN1
import X509

/// The TLS root's key as X509 sees it: the private half stays in the signer.
struct SignerRootKey: CustomPrivateKey {
    let signer: any Signer
    let key: P256.Signing.PublicKey

    /// - Throws: Where the signer holds no P-256 root.
    init(_ signer: any Signer, _ held: SSHFormats.PublicKey) throws {
        var reader = WireReader(held.blob)
        _ = try reader.string()
        _ = try reader.string()
        key = try P256.Signing.PublicKey(x963Representation: Array(try reader.string()))
        self.signer = signer
    }

    var publicKey: X509.Certificate.PublicKey { X509.Certificate.PublicKey(key) }
    var defaultSignatureAlgorithm: X509.Certificate.SignatureAlgorithm { .ecdsaWithSHA256 }
    var supportedSignatureAlgorithms: [X509.Certificate.SignatureAlgorithm] { [.ecdsaWithSHA256] }

    func signSynchronously(
        bytes: some DataProtocol, signatureAlgorithm: X509.Certificate.SignatureAlgorithm
    ) throws -> X509.Certificate.Signature {
        throw SignerError.unavailable(reason: "the signer answers asynchronously")
    }

    func signAsynchronously(
        bytes: some DataProtocol & Sendable, signatureAlgorithm: X509.Certificate.SignatureAlgorithm
    ) async throws -> X509.Certificate.Signature {
        let der = try await signer.signTLS(toBeSigned: Array(bytes))
        return try X509.Certificate.Signature(
            signatureAlgorithm: .ecdsaWithSHA256, signatureBytes: ASN1BitString(bytes: der[...]))
    }

    func serialize(into coder: inout DER.Serializer) throws {
        throw SignerError.unavailable(reason: "the private key stays in the signer")
    }

    static var defaultPEMDiscriminator: String { "PRIVATE KEY" }

    static func == (a: Self, b: Self) -> Bool { a.key.rawRepresentation == b.key.rawRepresentation }
    func hash(into hasher: inout Hasher) { hasher.combine(key.rawRepresentation) }
}
