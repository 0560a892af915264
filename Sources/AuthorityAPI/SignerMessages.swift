/// Whose key signed something: `GET /v1/signers?key=SHA256:…`.
public struct SignerReply: Codable, Hashable, Sendable {
    /// A state that the key came into.
    public struct State: Codable, Hashable, Sendable {
        /// NIST SP 800-57: `preActive`, `active`, `suspended`, `deactivated`, `compromised`, `destroyed`.
        public let state: String
        /// Seconds since 1970; nil where it was not written down.
        public let since: UInt64?
        public init(state: String, since: UInt64?) {
            self.state = state
            self.since = since
        }
    }
    /// `SHA256:…`.
    public let fingerprint: String
    /// OpenSSH line.
    public let publicKey: String
    public let identity: String
    /// `active`, `suspended` or `retired`.
    public let identityStatus: String
    /// Who answers for the identity, if not itself.
    public let owner: String?
    public let ownerStatus: String?
    /// `authenticate`, `sign` or `encrypt`.
    public let purpose: String
    /// From its registration on; the last one is its state now.
    public let states: [State]
    public init(
        fingerprint: String, publicKey: String, identity: String, identityStatus: String, owner: String?,
        ownerStatus: String?, purpose: String, states: [State]
    ) {
        self.fingerprint = fingerprint
        self.publicKey = publicKey
        self.identity = identity
        self.identityStatus = identityStatus
        self.owner = owner
        self.ownerStatus = ownerStatus
        self.purpose = purpose
        self.states = states
    }
}
