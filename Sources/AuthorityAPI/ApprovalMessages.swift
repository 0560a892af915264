/// A request that needs approvals, as the API shows it: for a certificate, or to be let back in.
public struct ApprovalReply: Codable, Hashable, Sendable {
    public struct Vote: Codable, Hashable, Sendable {
        public let person: String
        /// `approved` or `denied`.
        public let decision: String
        public let reason: String?
        /// Fingerprint of the key that signed.
        public let key: String
        /// Armoured SSHSIG over the statement (HostDocuments). Nil as long as a recovery waits: whoever has it could find the
        /// number that they were not told.
        public let signature: String?
        public let at: UInt64
        public init(
            person: String, decision: String, reason: String?, key: String, signature: String?, at: UInt64
        ) {
            self.person = person
            self.decision = decision
            self.reason = reason
            self.key = key
            self.signature = signature
            self.at = at
        }
    }
    public let number: UInt64
    /// `certificate`, `recovery` or `act`.
    public let kind: String
    /// `open`, `approved`, `denied`, `used` or `expired`.
    public let state: String
    public let requester: String
    public let device: String?
    /// Of certificates and acts.
    public let grant: String?
    /// Host; absent where all places of the grant are asked for.
    public let to: String?
    public let `as`: String?
    /// Method and path of an act on the authority.
    public let act: String?
    public let reason: String?
    /// So many members of that group must agree.
    public let needed: UInt64
    public let group: String
    public let askedAt: UInt64
    /// Used or not, it ends then.
    public let notAfter: UInt64
    /// All that is signed: lines of `name: value`.
    public let document: String
    public let votes: [Vote]
    /// Whether the caller may decide on it now.
    public let waitsForYou: Bool
    public init(
        number: UInt64, kind: String, state: String, requester: String, device: String?, grant: String?,
        to: String?, as login: String?, act: String? = nil, reason: String?, needed: UInt64, group: String,
        askedAt: UInt64,
        notAfter: UInt64,
        document: String, votes: [Vote], waitsForYou: Bool
    ) {
        self.number = number
        self.kind = kind
        self.state = state
        self.requester = requester
        self.device = device
        self.grant = grant
        self.to = to
        self.as = login
        self.act = act
        self.reason = reason
        self.needed = needed
        self.group = group
        self.askedAt = askedAt
        self.notAfter = notAfter
        self.document = document
        self.votes = votes
        self.waitsForYou = waitsForYou
    }
}

/// `GET /v1/requests`: one's own and those that wait for one, the newest first; `?number=N`, that one.
public struct ApprovalListReply: Codable, Hashable, Sendable {
    public let requests: [ApprovalReply]
    public let more: Bool
    public init(requests: [ApprovalReply], more: Bool) {
        self.requests = requests
        self.more = more
    }
}

/// Agrees to a request or does not: `POST /v1/requests/decide`; answers ``ApprovalReply``.
public struct ApprovalDecisionRequest: Codable, Hashable, Sendable {
    public let number: UInt64
    /// `approved` or `denied`.
    public let decision: String
    public let reason: String?
    /// To agree to a recovery: the number that the terminal of the person shows, as they told it. It is signed too.
    public let shown: String?
    /// Armoured SSHSIG by a key of the caller, over the request's document and this decision.
    public let signature: String
    public init(
        number: UInt64, decision: String, reason: String?, shown: String? = nil, signature: String
    ) {
        self.number = number
        self.decision = decision
        self.reason = reason
        self.shown = shown
        self.signature = signature
    }
}
