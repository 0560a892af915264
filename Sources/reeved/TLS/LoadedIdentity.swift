import Authority
import Gateway
import NIOSSL
import Posix
import SSHFormats

/// What the server shows at TLS, and how links pin it.
struct LoadedIdentity: Sendable {
    let tls: TLSIdentity
    /// Base64url SHA-256 of the self-made root; `web` for a publicly trusted certificate.
    let pin: String
    /// When a certificate of our own making counts; nil for the operator's.
    let validity: Validity?

    init(_ made: ServerIdentity) throws {
        validity = made.validity
        tls = TLSIdentity(
            certificateChain: try made.chain.flatMap { try NIOSSLCertificate.fromPEMBytes(Array($0.utf8)) },
            privateKey: try NIOSSLPrivateKey(bytes: Array(made.key.utf8), format: .pem))
        pin = Base64URL.text(made.rootFingerprint)
    }

    /// The operator's own certificate, e.g. from a public CA.
    init(certificate: String, key: String) throws {
        tls = TLSIdentity(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(
                DurableFile(certificate).read(limit: 1_048_576)),
            privateKey: try NIOSSLPrivateKey(bytes: DurableFile(key).read(limit: 65_536), format: .pem))
        pin = "web"
        validity = nil
    }
}
