import Crypto

/// The public key that checkpoints are verified with, as C2SP signed-note writes it: `name+hash+base64`.
public struct VerifierKey: Hashable, Sendable, CustomStringConvertible {
    /// Name of the log; the same as the origin of its checkpoints.
    public let name: String
    /// Ed25519 public key, 32 bytes.
    public let publicKey: [UInt8]

    /// Signature type of Ed25519 in C2SP signed-note.
    private static let ed25519: UInt8 = 1

    /// - Throws: ``CheckpointError/name`` for an empty name or one with spaces, controls or `+`;
    ///   ``CheckpointError/key`` unless the key is a point in 32 bytes.
    public init(name: String, publicKey: [UInt8]) throws(CheckpointError) {
        guard Self.isName(name) else { throw .name }
        guard publicKey.count == 32, (try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey)) != nil
        else { throw .key }
        self.name = name
        self.publicKey = publicKey
    }

    /// Reads a `vkey` text.
    ///
    /// - Throws: ``CheckpointError/key`` unless the hash fits the rest; as ``init(name:publicKey:)``.
    public init(parsing text: String) throws(CheckpointError) {
        let fields = text.utf8.split(
            separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false)
        guard let name = fields.first, let hash = fields.dropFirst().first, fields.count == 3,
            let key = fields.last.flatMap({ Base64.decode(Array($0)[...]) }), key.first == Self.ed25519
        else { throw .key }
        try self.init(name: String(Substring(name)), publicKey: Array(key.dropFirst()))
        guard Hex.decode(hash) == keyHash else { throw .key }
    }

    /// First four bytes of SHA-256(name ‖ LF ‖ type ‖ key); tells which key a signature is of.
    public var keyHash: [UInt8] {
        let text = Array(name.utf8) + [UInt8(ascii: "\n"), Self.ed25519] + publicKey
        return Array(SHA256.hash(data: text).prefix(4))
    }

    /// The `vkey` text.
    public var description: String {
        "\(name)+\(Hex.encode(keyHash))+\(Base64.encode([Self.ed25519] + publicKey))"
    }

    /// True when `signature` is one of `message` by this key (RFC 8032).
    public func isValid(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
        return key.isValidSignature(signature, for: message)
    }

    /// Printable ASCII without spaces and plus signs: narrower than C2SP, which allows other Unicode.
    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 255
            && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "+") }
    }
}

/// Why a checkpoint or its key is not accepted.
public enum CheckpointError: Error, Hashable, Sendable {
    /// The name of a log is empty, too long, or has spaces, controls or `+`.
    case name
    /// Not an Ed25519 verifier key.
    case key
    /// Not the layout of C2SP tlog-checkpoint.
    case malformed
    /// The first line names another log than the key.
    case origin(String)
    /// No signature by this key, by name and key hash.
    case unsigned
    /// A signature that claims to be by this key is not.
    case wrongSignature
}
