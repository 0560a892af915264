/// The kinds of public key that we read, by their names in SSH.
///
/// DSA and the larger NIST curves are not among them.
public enum KeyType: Hashable, Sendable, CaseIterable {
    /// `ssh-ed25519` (RFC 8709).
    case ed25519
    /// `ecdsa-sha2-nistp256` (RFC 5656).
    case ecdsaP256
    /// `ssh-rsa` (RFC 4253 §6.6); it signs as rsa-sha2-256 or rsa-sha2-512 only (RFC 8332).
    case rsa
    /// `sk-ssh-ed25519@openssh.com`: Ed25519 in a FIDO token (OpenSSH's PROTOCOL.u2f).
    case skEd25519
    /// `sk-ecdsa-sha2-nistp256@openssh.com`: ECDSA in a FIDO token (OpenSSH's PROTOCOL.u2f).
    case skECDSAP256

    /// The name in key blobs and key lines.
    public var name: String {
        switch self {
        case .ed25519: "ssh-ed25519"
        case .ecdsaP256: "ecdsa-sha2-nistp256"
        case .rsa: "ssh-rsa"
        case .skEd25519: "sk-ssh-ed25519@openssh.com"
        case .skECDSAP256: "sk-ecdsa-sha2-nistp256@openssh.com"
        }
    }

    /// The name of a certificate for such a key.
    public var certificateName: String {
        switch self {
        case .ed25519: "ssh-ed25519-cert-v01@openssh.com"
        case .ecdsaP256: "ecdsa-sha2-nistp256-cert-v01@openssh.com"
        case .rsa: "ssh-rsa-cert-v01@openssh.com"
        case .skEd25519: "sk-ssh-ed25519-cert-v01@openssh.com"
        case .skECDSAP256: "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com"
        }
    }

    /// The type with this ``name``, if there is one.
    public init?(name: String) {
        guard let type = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = type
    }

    /// The type with this ``certificateName``, if there is one.
    public init?(certificateName: String) {
        guard let type = Self.allCases.first(where: { $0.certificateName == certificateName }) else {
            return nil
        }
        self = type
    }

    /// Whether the private half lives in a FIDO token.
    public var isSecurityKey: Bool { self == .skEd25519 || self == .skECDSAP256 }
}
