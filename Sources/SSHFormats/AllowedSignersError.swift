/// Why a line of an allowed_signers file cannot be read, or a signature does not count under the file.
public enum AllowedSignersError: Error, Hashable, Sendable {
    /// Not a line of principals, options and key; the text says what is missing.
    case malformed(String)
    /// The key or certificate cannot be read.
    case key(CertificateError)
    /// An option that is not known. Unknown means refused.
    case unknownOption(String)
    /// An option that stands there twice.
    case repeatedOption(String)
    /// An option with a value that does not belong to it.
    case badOption(String)
    /// `valid-before` is not after `valid-after`.
    case emptyValidity
    /// No line speaks for this signer under the principal that was asked for.
    case notAllowed
    /// A line does, but not for this namespace.
    case wrongNamespace(String)
    /// A line does, but not yet.
    case notYetValid
    /// A line did, but does no longer.
    case expired
    /// The certificate of the signer does not hold; the text says why.
    case certificate(String)
    /// The signature itself does not hold.
    case signature(SSHSIGError)
}

extension AllowedSignersError: CustomStringConvertible {
    /// What is wrong, as the second half of a sentence.
    public var description: String {
        switch self {
        case .malformed(let what): "is not well formed (\(what))"
        case .key(let error): "has a key that \(error)"
        case .unknownOption(let name): "has an option that is not known: \(String(reflecting: name))"
        case .repeatedOption(let name): "has the option \(name) twice"
        case .badOption(let name): "has a bad value for the option \(name)"
        case .emptyValidity: "ends to be valid before it begins"
        case .notAllowed: "is by a signer who is not allowed under this name"
        case .wrongNamespace(let name): "is by a signer who may not sign for \(String(reflecting: name))"
        case .notYetValid: "is by a signer who is not allowed yet"
        case .expired: "is by a signer who is no longer allowed"
        case .certificate(let reason): "is by a signer whose certificate \(reason)"
        case .signature(let error): error.description
        }
    }
}
