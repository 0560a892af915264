/// What a key of the signer is for. The raw value is its name in the protocol and in files.
package enum SignerRole: String, Hashable, Sendable, CaseIterable {
    /// Signs user certificates whose principals say login and place.
    case userCA
    /// Signs user certificates with bare logins, for hosts without the agent.
    case plainUserCA
    /// Signs host certificates.
    case hostCA
    /// Signs the TLS certificates of the authority; P-256.
    case tlsRoot
    /// Signs tokens; P-256.
    case token
    /// Signs checkpoints of the ledger.
    case checkpoint
    /// Signs what hosts install.
    case hostState

    /// Whether the key is an SSH certificate authority.
    package var signsCertificates: Bool {
        switch self {
        case .userCA, .plainUserCA, .hostCA: true
        case .tlsRoot, .token, .checkpoint, .hostState: false
        }
    }
}
