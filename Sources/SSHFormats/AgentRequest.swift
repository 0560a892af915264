/// What a client asks of an SSH agent (draft-miller-ssh-agent §3). Requests that carry secrets print as
/// `‹redacted›`.
public enum AgentRequest: Sendable {
    /// Which keys are held?
    case requestIdentities
    /// Sign these data with the key of this blob (a key's or a certificate's).
    case sign(keyBlob: [UInt8], data: [UInt8], flags: AgentSignFlags)
    /// Hold this key.
    case addIdentity(PrivateKey, comment: String, constraints: AgentConstraints)
    /// Hold this key for use with this certificate.
    case addCertificate(Certificate, PrivateKey, comment: String, constraints: AgentConstraints)
    /// Forget the key or certificate of this blob.
    case remove(keyBlob: [UInt8])
    /// Forget all.
    case removeAll
    /// Answer nothing until the same passphrase comes with ``unlock(passphrase:)``.
    case lock(passphrase: [UInt8])
    /// Answer again.
    case unlock(passphrase: [UInt8])
    /// A message of an extension.
    case `extension`(AgentExtension)
}

/// Which hash an RSA key shall sign with (draft-miller-ssh-agent §3.6.1); without one of them an agent takes
/// SHA-1.
public struct AgentSignFlags: OptionSet, Hashable, Sendable {
    /// The bits on the wire.
    public let rawValue: UInt32

    /// These bits.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// `rsa-sha2-256`
    public static let rsaSHA256 = AgentSignFlags(rawValue: 2)
    /// `rsa-sha2-512`
    public static let rsaSHA512 = AgentSignFlags(rawValue: 4)
}

extension AgentRequest: CustomStringConvertible {
    /// The name of the request, never a key.
    public var description: String {
        switch self {
        case .requestIdentities: "requestIdentities"
        case .sign(_, let data, _): "sign(\(data.count) bytes)"
        case .addIdentity: "addIdentity(‹redacted›)"
        case .addCertificate: "addCertificate(‹redacted›)"
        case .remove: "remove"
        case .removeAll: "removeAll"
        case .lock: "lock(‹redacted›)"
        case .unlock: "unlock(‹redacted›)"
        case .extension(let message): "extension(\(String(reflecting: message.name)))"
        }
    }
}
