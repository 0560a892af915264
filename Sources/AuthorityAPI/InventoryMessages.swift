/// A registered key as the API shows it.
public struct KeyReply: Codable, Hashable, Sendable {
    /// `SHA256:…`.
    public let fingerprint: String
    /// As in OpenSSH, e.g. `ssh-ed25519`.
    public let type: String
    public let identity: String
    public let owner: String?
    /// `authenticate`, `sign` or `encrypt`.
    public let purpose: String
    /// NIST SP 800-57: `preActive`, `active`, `suspended`, `deactivated`, `compromised`, `destroyed`.
    public let state: String
    /// How it came: `enrolment`, `host-key`, `door`.
    public let origin: String
    public let createdAt: UInt64
    /// When somebody last said that it goes on.
    public let reauthorizedAt: UInt64?
    /// Known to within a minute for devices, an hour for hosts.
    public let lastUsedAt: UInt64?
    /// Numeric address from where it was used last.
    public let lastUsedFrom: String?
    /// Fingerprint of the key that it took the place of.
    public let predecessor: String?
    public let successor: String?
    public init(
        fingerprint: String, type: String, identity: String, owner: String?, purpose: String, state: String,
        origin: String, createdAt: UInt64, lastUsedAt: UInt64?, lastUsedFrom: String?, predecessor: String?,
        successor: String?, reauthorizedAt: UInt64? = nil
    ) {
        self.fingerprint = fingerprint
        self.type = type
        self.identity = identity
        self.owner = owner
        self.purpose = purpose
        self.state = state
        self.origin = origin
        self.createdAt = createdAt
        self.reauthorizedAt = reauthorizedAt
        self.lastUsedAt = lastUsedAt
        self.lastUsedFrom = lastUsedFrom
        self.predecessor = predecessor
        self.successor = successor
    }
}

/// `GET /v1/keys`: at most 500, in order of fingerprint.
public struct KeyListReply: Codable, Hashable, Sendable {
    public let keys: [KeyReply]
    public let more: Bool
    public init(keys: [KeyReply], more: Bool) {
        self.keys = keys
        self.more = more
    }
}

/// Says that a key goes on: `POST /v1/keys/reauthorize`; answers ``KeyReply``.
public struct KeyReauthorizeRequest: Codable, Hashable, Sendable {
    /// Fingerprint.
    public let key: String
    public let reason: String?
    public init(key: String, reason: String? = nil) {
        self.key = key
        self.reason = reason
    }
}

/// A device as the API shows it.
public struct DeviceReply: Codable, Hashable, Sendable {
    /// `device:alice.laptop`.
    public let device: String
    public let owner: String?
    public let status: String
    /// Who set the status; nobody where it is as it was enrolled.
    public let statusBy: String?
    public let createdAt: UInt64
    /// Sessions that run on it.
    public let sessions: Int
    public let keys: [KeyReply]
    public init(
        device: String, owner: String?, status: String, statusBy: String?, createdAt: UInt64, sessions: Int,
        keys: [KeyReply]
    ) {
        self.device = device
        self.owner = owner
        self.status = status
        self.statusBy = statusBy
        self.createdAt = createdAt
        self.sessions = sessions
        self.keys = keys
    }
}

/// `GET /v1/devices?of=PERSON`, in order of name, or `?device=ID`, that one.
public struct DeviceListReply: Codable, Hashable, Sendable {
    public let devices: [DeviceReply]
    public init(devices: [DeviceReply]) { self.devices = devices }
}

/// `POST /v1/devices/status`; answers ``IdentityReply``.
public struct DeviceStatusRequest: Codable, Hashable, Sendable {
    public let device: String
    /// `suspend`, `resume`, `retire` or `lost`.
    public let act: String
    public let reason: String?
    public init(device: String, act: String, reason: String?) {
        self.device = device
        self.act = act
        self.reason = reason
    }
}

/// `GET /v1/sessions?of=IDENTITY`: those that run, the newest first.
public struct SessionListReply: Codable, Hashable, Sendable {
    public struct Session: Codable, Hashable, Sendable {
        /// Public handle; not the token.
        public let id: String
        public let identity: String
        public let device: String?
        /// Factor → seconds since 1970 when it was last shown.
        public let factors: [String: UInt64]
        /// Numeric address that it was begun from.
        public let source: String
        public let startedAt: UInt64
        public let lastUsedAt: UInt64
        /// It ends then whatever happens.
        public let notAfter: UInt64
        /// Whether it is the one that asks.
        public let current: Bool
        public init(
            id: String, identity: String, device: String?, factors: [String: UInt64], source: String,
            startedAt: UInt64, lastUsedAt: UInt64, notAfter: UInt64, current: Bool
        ) {
            self.id = id
            self.identity = identity
            self.device = device
            self.factors = factors
            self.source = source
            self.startedAt = startedAt
            self.lastUsedAt = lastUsedAt
            self.notAfter = notAfter
            self.current = current
        }
    }
    public let sessions: [Session]
    public init(sessions: [Session]) { self.sessions = sessions }
}

/// Exactly one of them: `POST /v1/sessions/end`; answers ``SessionsEndReply``.
public struct SessionsEndRequest: Codable, Hashable, Sendable {
    /// The handle of one session.
    public let session: String?
    /// All of this identity.
    public let of: String?
    /// All of the caller but the one that asks.
    public let others: Bool?
    /// Why, for those who must agree.
    public let reason: String?
    public init(
        session: String? = nil, of: String? = nil, others: Bool? = nil, reason: String? = nil
    ) {
        self.session = session
        self.of = of
        self.others = others
        self.reason = reason
    }
}

public struct SessionsEndReply: Codable, Hashable, Sendable {
    /// Handles of those that ran and are ended.
    public let ended: [String]
    public init(ended: [String]) { self.ended = ended }
}
