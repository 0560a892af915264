/// Why something is not a signature over a message, or does not count.
public enum SSHSIGError: Error, Hashable, Sendable {
    /// The bytes break the rules of RFC 4251, or the armour is not Base64.
    case wire(WireError)
    /// The first line is not `-----BEGIN SSH SIGNATURE-----`, the last one not `-----END SSH SIGNATURE-----`, or
    /// something stands behind it.
    case badArmour
    /// It does not begin with `SSHSIG`.
    case badMagic
    /// A version other than 1.
    case unknownVersion(UInt32)
    /// A hash other than `sha256` and `sha512`.
    case unknownHash(String)
    /// The key or certificate of the signer cannot be read.
    case signer(CertificateError)
    /// An empty namespace, or one with a NUL.
    case noNamespace
    /// The signature is for something else.
    case wrongNamespace(String, expected: String)
    /// A hash of the wrong length, in bytes.
    case badDigest(Int, expected: Int)
    /// The signature cannot be read, or was not made by this key over this message.
    case signature(SignatureError)
    /// The private key could not sign.
    case key(KeyError)
}

extension SSHSIGError {
    static func wrap<Value>(_ body: () throws(WireError) -> Value) throws(SSHSIGError) -> Value {
        do { return try body() } catch { throw .wire(error) }
    }
}

extension SSHSIGError: CustomStringConvertible {
    /// What is wrong, as the second half of a sentence.
    public var description: String {
        switch self {
        case .wire(let error): error.description
        case .badArmour: "does not stand between the BEGIN and END lines of an SSH signature alone"
        case .badMagic: "does not begin as an SSH signature does"
        case .unknownVersion(let version): "is of version \(version) of the format, not 1"
        case .unknownHash(let name): "is over a hash that is not known here: \(String(reflecting: name))"
        case .signer(let error): "is by a signer that \(error)"
        case .noNamespace: "has an empty namespace"
        case .wrongNamespace(let name, let expected):
            "is for \(String(reflecting: name)), not for \(String(reflecting: expected))"
        case .badDigest(let count, let expected): "is over a hash of \(count) bytes instead of \(expected)"
        case .signature(let error): error.description
        case .key(let error): "was not made: the key \(error)"
        }
    }
}
