/// What proves that a server is the one meant, once it is known.
public enum ServerTrust: Hashable, Sendable {
    /// Only certificates under this root (PEM), which was pinned when the device or host enrolled.
    case root(pem: String)
    /// The roots of the system.
    case web
}
