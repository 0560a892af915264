/// `GET /v1/ledger/events?from=0&limit=1000`, for auditors: at most 1,000 events.
public struct EventsReply: Codable, Hashable, Sendable {
    public struct Event: Codable, Hashable, Sendable {
        public let index: UInt64
        /// Hexadecimal RFC 9162 leaf hash.
        public let leafHash: String
        /// Base64 of the leaf's exact bytes: one JSON object; empty where the event was pruned and its hash alone is kept.
        public let event: String
        public init(index: UInt64, leafHash: String, event: String) {
            self.index = index
            self.leafHash = leafHash
            self.event = event
        }
    }
    public let events: [Event]
    public let treeSize: UInt64
    public init(events: [Event], treeSize: UInt64) {
        self.events = events
        self.treeSize = treeSize
    }
}

/// `GET /v1/ledger/consistency?first=M&second=N` (RFC 9162 §2.1.4): hexadecimal hashes.
public struct ConsistencyReply: Codable, Hashable, Sendable {
    public let proof: [String]
    public init(proof: [String]) { self.proof = proof }
}

/// `GET /v1/ledger/inclusion?index=I&size=N` (RFC 9162 §2.1.3): hexadecimal hashes, leaf to root.
public struct InclusionReply: Codable, Hashable, Sendable {
    public let proof: [String]
    public init(proof: [String]) { self.proof = proof }
}

/// What a host must hold: `GET /v1/host/state`. Only `state` with its signature counts; the KRLs must have the hashes in it.
public struct HostStateReply: Codable, Hashable, Sendable {
    /// Base64 of the encoded `HostState`.
    public let state: String
    /// Base64, 64 bytes, Ed25519 by the hostState key.
    public let signature: String
    /// Base64 of the KRL for sshd's RevokedKeys.
    public let userKRL: String
    /// Base64 of a KRL: what live sessions shall end that came by it. Not signed: hosts end what stands in `userKRL` too, and
    /// nothing else. Missing where nothing shall end.
    public let sessions: String?
    /// The host's own names, for its certificates' principals.
    public let hostName: String
    /// Who may have signed the host's certificates: one of another key is to be replaced. Not signed; nothing is trusted for it.
    public let hostCAKeys: [String]?
    public init(
        state: String, signature: String, userKRL: String, sessions: String? = nil, hostName: String,
        hostCAKeys: [String]? = nil
    ) {
        self.sessions = sessions
        self.hostCAKeys = hostCAKeys
        self.state = state
        self.signature = signature
        self.userKRL = userKRL
        self.hostName = hostName
    }
}
