/// The kinds of public key, by their names in SSH.
///
/// `ssh-dss` is not among them: DSA is refused wherever it stands.
public enum KeyType: Hashable, Sendable {
    /// `ssh-ed25519` (RFC 8709).
    case ed25519
    /// `ecdsa-sha2-nistp256` (RFC 5656).
    case ecdsaP256
    /// `ecdsa-sha2-nistp384` (RFC 5656).
    case ecdsaP384
    /// `ecdsa-sha2-nistp521` (RFC 5656).
    case ecdsaP521
    /// `ssh-rsa` (RFC 4253 §6.6); it signs as rsa-sha2-256 or rsa-sha2-512 only (RFC 8332).
    case rsa
    /// `sk-ssh-ed25519@openssh.com`: Ed25519 in a FIDO token (OpenSSH's PROTOCOL.u2f).
    case skEd25519
    /// `sk-ecdsa-sha2-nistp256@openssh.com`: ECDSA in a FIDO token (OpenSSH's PROTOCOL.u2f).
    case skECDSAP256
    /// A type that is not known here, such as `ssh-mldsa44-ed25519@openssh.com`. Its keys are carried from one place
    /// to another byte for byte; they never verify anything, and are certified only where the caller allows the
    /// type by name.
    case other(OtherName)

    /// The name of a type that is not known here: 1…64 bytes of printable ASCII without comma (RFC 4251 §6).
    public struct OtherName: Hashable, Sendable {
        /// The name.
        public let text: String
    }

    /// The types that can verify.
    public static let known: [KeyType] = [
        .ed25519, .ecdsaP256, .ecdsaP384, .ecdsaP521, .rsa, .skEd25519, .skECDSAP256,
    ]

    /// The name in key blobs and key lines.
    public var name: String {
        switch self {
        case .ed25519: "ssh-ed25519"
        case .ecdsaP256: "ecdsa-sha2-nistp256"
        case .ecdsaP384: "ecdsa-sha2-nistp384"
        case .ecdsaP521: "ecdsa-sha2-nistp521"
        case .rsa: "ssh-rsa"
        case .skEd25519: "sk-ssh-ed25519@openssh.com"
        case .skECDSAP256: "sk-ecdsa-sha2-nistp256@openssh.com"
        case .other(let name): name.text
        }
    }

    /// The name of a certificate for such a key: the name up to `@`, and `-cert-v01@openssh.com`.
    public var certificateName: String {
        String(decoding: name.utf8.prefix { $0 != UInt8(ascii: "@") }, as: UTF8.self) + Self.suffix
    }

    /// The type with this ``name``, if it is one of ``known``.
    public init?(name: String) {
        guard let type = Self.known.first(where: { $0.name == name }) else { return nil }
        self = type
    }

    /// The type with this ``certificateName``, if it is one of ``known``.
    public init?(certificateName: String) {
        guard let type = Self.known.first(where: { $0.certificateName == certificateName }) else {
            return nil
        }
        self = type
    }

    /// Whether it is one of ``known``.
    public var isKnown: Bool {
        guard case .other = self else { return true }
        return false
    }

    /// Whether the private half lives in a FIDO token.
    public var isSecurityKey: Bool { self == .skEd25519 || self == .skECDSAP256 }

    private static let suffix = "-cert-v01@openssh.com"
    /// Part of ``suffix``, and of what older and newer versions of it are called.
    private static let mark = "-cert-v0"

    /// The type with this name, whether known or to be carried.
    ///
    /// - Throws: ``KeyError/certificateAsKey(_:)``, ``KeyError/dsa``, ``KeyError/unknownType(_:)`` for what cannot
    ///   be the name of a type.
    init(carrying name: String) throws(KeyError) {
        if let type = Self(name: name) {
            self = type
            return
        }
        guard !name.utf8.starts(with: "ssh-dss".utf8) else { throw .dsa }
        guard !Self.isCertificate(name) else { throw .certificateAsKey(name) }
        guard Self.isName(name) else { throw .unknownType(name) }
        self = .other(OtherName(text: name))
    }

    /// The type whose certificates have this name. Names of certificates that are not known here are taken to
    /// belong to keys of the same name `@openssh.com`, as `ssh-mldsa44-ed25519@openssh.com` is.
    init(carryingCertificate name: String) throws(CertificateError) {
        if let type = Self(certificateName: name) {
            self = type
            return
        }
        guard !name.utf8.starts(with: "ssh-dss".utf8) else { throw .key(.dsa) }
        let stem = String(decoding: name.utf8.dropLast(Self.suffix.utf8.count), as: UTF8.self)
        guard Self.isCertificate(name), Self.isName(name), !stem.utf8.isEmpty,
            !stem.utf8.contains(UInt8(ascii: "@"))
        else { throw .unknownType(name) }
        self = .other(OtherName(text: stem + "@openssh.com"))
    }

    /// Whether it has the form of a certificate's name. Compared byte by byte: a search by `Character` costs more than
    /// all else that is read of a signature.
    static func isCertificate(_ name: String) -> Bool {
        var rest = name.utf8[...]
        while rest.count >= mark.utf8.count {
            if rest.starts(with: mark.utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }

    /// Names of OpenSSH's own certificates are longer than RFC 4251 has it.
    private static func isName(_ name: String) -> Bool {
        (1...80).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: ",") }
    }
}
