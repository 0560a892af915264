public import SSHFormats

/// Why bytes are not a host state that may be trusted.
public enum HostStateError: Error, Hashable, Sendable {
    case wire(WireError)
    /// The named field is out of its range.
    case field(String)
    /// Another encoding of the same value.
    case notCanonical
    /// The signature is not one by the hostState key.
    case wrongSignature
}

extension HostStateError: CustomStringConvertible {
    /// What is wrong, as the second half of a sentence.
    public var description: String {
        switch self {
        case .wire(let error): error.description
        case .field(let name): "has a field that is out of its range: \(name)"
        case .notCanonical: "is not in the one form that is allowed"
        case .wrongSignature: "is not signed by the hostState key"
        }
    }
}
