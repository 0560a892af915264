import Crypto
import NIOSSL

/// A P-256 key with a certificate over itself, which nobody needs to trust.
struct SelfSignedIdentity {
    let certificate: NIOSSLCertificate
    let key: NIOSSLPrivateKey

    init() throws {
        let secret = P256.Signing.PrivateKey()
        let toBeSigned = Self.toBeSigned(secret.publicKey)
        let signature = Array(try secret.signature(for: toBeSigned).derRepresentation)
        let bytes = DER.sequence(toBeSigned, Self.algorithm, DER.bits(signature))
        certificate = try NIOSSLCertificate(bytes: bytes, format: .der)
        key = try NIOSSLPrivateKey(bytes: Array(secret.pemRepresentation.utf8), format: .pem)
    }

    /// ecdsa-with-SHA256 (RFC 5758 §3.2).
    private static let algorithm = DER.sequence(
        DER.value(0x06, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]))

    /// TBSCertificate, version 1 (RFC 5280 §4.1): serial, algorithm, issuer, validity, subject, key.
    private static func toBeSigned(_ key: P256.Signing.PublicKey) -> [UInt8] {
        let commonName = DER.sequence(
            DER.value(0x06, [0x55, 0x04, 0x03]), DER.value(0x0c, Array("reeve-bench".utf8)))
        let name = DER.sequence(DER.value(0x31, commonName))
        let validity = DER.sequence(
            DER.value(0x17, Array("200101000000Z".utf8)), DER.value(0x17, Array("491231235959Z".utf8)))
        return DER.sequence(
            DER.value(0x02, [1]), algorithm, name, validity, name, Array(key.derRepresentation))
    }
}

/// As much of DER (X.690) as one certificate needs.
private enum DER {
    /// Tag, length, content; at most 65,535 bytes.
    static func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let length = content.count
        if length < 0x80 { return [tag, UInt8(length)] + content }
        if length < 0x100 { return [tag, 0x81, UInt8(length)] + content }
        return [tag, 0x82, UInt8(length >> 8 & 0xff), UInt8(length & 0xff)] + content
    }

    static func sequence(_ parts: [UInt8]...) -> [UInt8] { value(0x30, parts.flatMap { $0 }) }

    static func bits(_ content: [UInt8]) -> [UInt8] { value(0x03, [0] + content) }
}
