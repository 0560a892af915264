/// What a host has in force: `POST /v1/host/acknowledgement`; answers ``HostAcknowledgementReply``. Said after each round
/// of the agent, about what it read back from its disk.
public struct HostAcknowledgementRequest: Codable, Hashable, Sendable {
    /// A session that was ended because it came by what is revoked.
    public struct EndedSession: Codable, Hashable, Sendable {
        /// Whom it was for on the host.
        public let login: String
        /// Numeric address that it came from.
        public let source: String
        /// Of its certificate; nil for a plain key.
        public let serial: UInt64?
        /// `SHA256:…`, of its key.
        public let key: String
        public init(login: String, source: String, serial: UInt64?, key: String) {
            self.login = login
            self.source = source
            self.serial = serial
            self.key = key
        }
    }
    /// Of the state that is installed, as it was signed.
    public let epoch: UInt64
    public let version: UInt64
    public let issuedAt: UInt64
    /// Whether sshd reads what is installed, by its own `sshd -T`.
    public let enforced: Bool
    /// Codes of what is wrong there: at most 32, each of at most 40 lower-case letters, digits and hyphens.
    public let faults: [String]
    /// Since it was said last; at most 64.
    public let ended: [EndedSession]?
    public init(
        epoch: UInt64, version: UInt64, issuedAt: UInt64, enforced: Bool, faults: [String],
        ended: [EndedSession]? = nil
    ) {
        self.ended = ended
        self.epoch = epoch
        self.version = version
        self.issuedAt = issuedAt
        self.enforced = enforced
        self.faults = faults
    }
}

public struct HostAcknowledgementReply: Codable, Hashable, Sendable {
    /// The version that hosts should have now.
    public let stateVersion: UInt64
    public init(stateVersion: UInt64) { self.stateVersion = stateVersion }
}

/// How many hosts enforce a version of the host state: `GET /v1/enforcement?version=N&wait=SECONDS`.
public struct EnforcementReply: Codable, Hashable, Sendable {
    public let stateVersion: UInt64
    /// Active hosts that have an agent.
    public let hosts: UInt64
    public let enforcing: UInt64
    /// Suspended hosts that do not: they hear nothing, and are not counted above.
    public let suspended: UInt64
    /// Sessions that hosts ended since they have this version.
    public let endedSessions: UInt64
    public init(
        stateVersion: UInt64, hosts: UInt64, enforcing: UInt64, suspended: UInt64, endedSessions: UInt64
    ) {
        self.endedSessions = endedSessions
        self.stateVersion = stateVersion
        self.hosts = hosts
        self.enforcing = enforcing
        self.suspended = suspended
    }
}

/// `GET /v1/hosts?after=NAME`, or `?missing=N` for those that do not enforce that version: at most 500, in order of name.
public struct HostListReply: Codable, Hashable, Sendable {
    public struct Host: Codable, Hashable, Sendable {
        public let name: String
        public let status: String
        /// Whether an agent is enrolled.
        public let enrolled: Bool
        /// What the agent said last; all nil before its first word.
        public let stateVersion: UInt64?
        public let enforced: Bool?
        public let faults: [String]?
        /// When it said that of this version first, in seconds since 1970.
        public let since: UInt64?
        /// When it was heard last.
        public let seenAt: UInt64?
        public init(
            name: String, status: String, enrolled: Bool, stateVersion: UInt64?, enforced: Bool?,
            faults: [String]?, since: UInt64?, seenAt: UInt64?
        ) {
            self.name = name
            self.status = status
            self.enrolled = enrolled
            self.stateVersion = stateVersion
            self.enforced = enforced
            self.faults = faults
            self.since = since
            self.seenAt = seenAt
        }
    }
    public let hosts: [Host]
    public let more: Bool
    public init(hosts: [Host], more: Bool) {
        self.hosts = hosts
        self.more = more
    }
}
