import Ledger
import SSHFormats

/// What a file turned out to hold.
enum Inspected {
    case key(KeyFacts)
    case certificate(CertificateFacts)
    case krl(KRLFacts)
    case checkpoint(CheckpointFacts)

    /// Tells by how the bytes begin; a text is tried as the last thing it may be, so that its error is the one shown.
    init(_ bytes: [UInt8]) throws {
        if bytes.starts(with: Array("SSHKRL\n\0".utf8)) {
            self = .krl(KRLFacts(try KRL(bytes: bytes)))
            return
        }
        guard bytes.count <= 1 << 20, let text = String(validating: bytes, as: UTF8.self) else {
            throw Fault(
                .usage, "the file is no text and no KRL",
                next: "Give a key, a certificate, a KRL or a checkpoint.")
        }
        if text.hasPrefix("-----BEGIN OPENSSH PRIVATE KEY-----") {
            self = .key(KeyFacts(try PrivateKey(openSSH: text).publicKey, isPrivate: true))
        } else if let checkpoint = try? Checkpoint(parsing: bytes) {
            self = .checkpoint(CheckpointFacts(checkpoint))
        } else if KeyType(certificateName: String(text.prefix { $0 != " " })) != nil {
            self = .certificate(CertificateFacts(try Certificate(text: text)))
        } else {
            self = .key(KeyFacts(try PublicKey(text: text), isPrivate: false))
        }
    }
}

/// A key, its public half only.
struct KeyFacts: Encodable {
    let kind: String
    let type: String
    let bits: Int
    let fingerprint: String
    let publicKey: String

    init(_ key: PublicKey, isPrivate: Bool) {
        kind = isPrivate ? "private key" : "public key"
        type = key.type.name
        bits = key.bits
        fingerprint = key.fingerprint.description
        publicKey = key.text()
    }

    var lines: [String] { ["\(kind): \(type), \(bits) bits", "fingerprint: \(fingerprint)", publicKey] }
}

/// A signed checkpoint of a ledger; its signatures are named, not checked, since the key is not in it.
struct CheckpointFacts: Encodable {
    let kind = "checkpoint"
    let origin: String
    let size: UInt64
    let root: String
    let signedBy: [String]

    private enum CodingKeys: String, CodingKey { case kind, origin, size, root, signedBy }

    init(_ checkpoint: Checkpoint) {
        origin = checkpoint.body.origin
        size = checkpoint.body.size
        root = checkpoint.body.root.description
        signedBy = checkpoint.signatures.map { signature in
            let digits = signature.keyHash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            return signature.name + "+" + digits.joined()
        }
    }

    var lines: [String] {
        ["checkpoint of \(origin)", "size: \(size)", "root: \(root)"]
            + signedBy.map { "signed by: \($0) (not checked)" }
    }
}
