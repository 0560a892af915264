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
