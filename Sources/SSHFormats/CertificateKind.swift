/// Whom a certificate speaks for (draft-miller-ssh-cert §2.2); the raw value is the one on the wire.
public enum CertificateKind: UInt32, Hashable, Sendable, CaseIterable {
    /// A user logging in: `SSH2_CERT_TYPE_USER`.
    case user = 1
    /// A host answering: `SSH2_CERT_TYPE_HOST`.
    case host = 2
}
