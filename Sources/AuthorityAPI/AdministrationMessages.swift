/// An identity as the API shows it.
public struct IdentityReply: Codable, Hashable, Sendable {
    public let kind: String
    public let name: String
    public let owner: String?
    public let status: String
    public let login: String?
    public let aliases: [String]
    public let addresses: [String]
    public let labels: [String]
    public let createdAt: UInt64
    public init(
        kind: String, name: String, owner: String?, status: String, login: String?, aliases: [String],
        addresses: [String], labels: [String], createdAt: UInt64
    ) {
        self.kind = kind
        self.name = name
        self.owner = owner
        self.status = status
        self.login = login
        self.aliases = aliases
        self.addresses = addresses
        self.labels = labels
        self.createdAt = createdAt
    }
}

/// `GET /v1/identities?kind=person&after=NAME`: at most 500, in order of name.
public struct IdentityListReply: Codable, Hashable, Sendable {
    public let identities: [IdentityReply]
    public let more: Bool
    public init(identities: [IdentityReply], more: Bool) {
        self.identities = identities
        self.more = more
    }
}

/// Adds a person or a host: `POST /v1/identities`; answers ``IdentityAddReply``.
public struct IdentityAddRequest: Codable, Hashable, Sendable {
    public let kind: String
    public let name: String
    public let login: String?
    public let aliases: [String]?
    public let addresses: [String]?
    public let labels: [String]?
    /// Why, for those who must agree.
    public let reason: String?
    public init(
        kind: String, name: String, login: String? = nil, aliases: [String]? = nil,
        addresses: [String]? = nil, labels: [String]? = nil, reason: String? = nil
    ) {
        self.kind = kind
        self.name = name
        self.login = login
        self.aliases = aliases
        self.addresses = addresses
        self.labels = labels
        self.reason = reason
    }
}

public struct IdentityAddReply: Codable, Hashable, Sendable {
    public let identity: IdentityReply
    public let link: LinkReply
    public init(identity: IdentityReply, link: LinkReply) {
        self.identity = identity
        self.link = link
    }
}

/// An enrolment link, shown once.
public struct LinkReply: Codable, Hashable, Sendable {
    /// `https://HOST:PORT/enrol#TOKEN~PIN`: the token stands in the fragment, `PIN` is the fingerprint of the TLS root.
    public let link: String
    public let notAfter: UInt64
    public init(link: String, notAfter: UInt64) {
        self.link = link
        self.notAfter = notAfter
    }
}

/// A new link for an identity that exists: `POST /v1/identities/link`; answers ``LinkReply``.
public struct IdentityLinkRequest: Codable, Hashable, Sendable {
    /// `alice`, `host:web1.example.com`.
    public let identity: String
    /// Why, for those who must agree.
    public let reason: String?
    public init(identity: String, reason: String? = nil) {
        self.identity = identity
        self.reason = reason
    }
}

/// `POST /v1/identities/status`; answers ``IdentityReply``.
public struct IdentityStatusRequest: Codable, Hashable, Sendable {
    public let identity: String
    /// `active`, `suspended` or `retired`.
    public let status: String
    public let reason: String?
    public init(identity: String, status: String, reason: String?) {
        self.identity = identity
        self.status = status
        self.reason = reason
    }
}

/// Links a person with an account at an identity provider, or ends that: `POST /v1/identities/upstream`; answers
/// ``UpstreamLinkReply``.
public struct UpstreamLinkRequest: Codable, Hashable, Sendable {
    /// `alice`.
    public let identity: String
    /// As the server's configuration names it.
    public let provider: String
    /// What the provider calls the account for ever (`sub`); never an e-mail address that may become another's.
    public let subject: String
    /// false ends the link, and the person's sessions.
    public let linked: Bool
    /// Why, for those who must agree.
    public let reason: String?
    public init(
        identity: String, provider: String, subject: String, linked: Bool, reason: String? = nil
    ) {
        self.identity = identity
        self.provider = provider
        self.subject = subject
        self.linked = linked
        self.reason = reason
    }
}

public struct UpstreamLinkReply: Codable, Hashable, Sendable {
    public let identity: String
    /// `iss` of the provider.
    public let issuer: String
    public let subject: String
    public let linked: Bool
    public init(identity: String, issuer: String, subject: String, linked: Bool) {
        self.identity = identity
        self.issuer = issuer
        self.subject = subject
        self.linked = linked
    }
}

/// Exactly one of `serial`, `key`, `identity`: `POST /v1/revocations`.
public struct RevocationRequest: Codable, Hashable, Sendable {
    public let serial: UInt64?
    /// Which CA gave the serial: `user` (if nothing is said), `plainUser` or `host`.
    public let authority: String?
    /// `SHA256:…`.
    public let key: String?
    public let identity: String?
    /// Whether live sessions on hosts end too, and those at the authority; no, if nothing is said.
    public let sessions: Bool?
    public let reason: String
    public init(
        serial: UInt64? = nil, authority: String? = nil, key: String? = nil, identity: String? = nil,
        sessions: Bool? = nil, reason: String
    ) {
        self.sessions = sessions
        self.serial = serial
        self.authority = authority
        self.key = key
        self.identity = identity
        self.reason = reason
    }
}

public struct RevocationReply: Codable, Hashable, Sendable {
    /// Version of the host state that carries it.
    public let stateVersion: UInt64
    public init(stateVersion: UInt64) { self.stateVersion = stateVersion }
}

/// `POST /v1/policy`; answers ``PolicyReply``, or with `dryRun` ``PolicyTestReply``.
public struct PolicyApplyRequest: Codable, Hashable, Sendable {
    public let text: String
    /// The version that this text was made from; refused if another was applied meanwhile. nil: whatever is there.
    public let baseVersion: UInt64?
    /// Check and run its tests; keep nothing.
    public let dryRun: Bool?
    /// Why, for the history; 1 to 500 bytes.
    public let reason: String?
    public init(text: String, baseVersion: UInt64?, dryRun: Bool?, reason: String? = nil) {
        self.text = text
        self.baseVersion = baseVersion
        self.dryRun = dryRun
        self.reason = reason
    }
}

public struct PolicyReply: Codable, Hashable, Sendable {
    public let version: UInt64
    public let text: String
    public let appliedBy: String?
    public let appliedAt: UInt64
    /// How many tests the policy carries; all of them pass.
    public let tests: Int
    public let reason: String?
    /// What it says that is seldom meant; absent where there is nothing.
    public let warnings: [PolicyWarningInfo]?
    public init(
        version: UInt64, text: String, appliedBy: String?, appliedAt: UInt64, tests: Int,
        reason: String? = nil, warnings: [PolicyWarningInfo]? = nil
    ) {
        self.version = version
        self.text = text
        self.appliedBy = appliedBy
        self.appliedAt = appliedAt
        self.tests = tests
        self.reason = reason
        self.warnings = warnings
    }
}

/// A policy that would be applied: it reads well, its tests pass, and somebody stays admin.
public struct PolicyTestReply: Codable, Hashable, Sendable {
    /// How many tests the policy carries; all of them pass.
    public let tests: Int
    /// As ``PolicyReply/warnings``.
    public let warnings: [PolicyWarningInfo]?
    public init(tests: Int, warnings: [PolicyWarningInfo]? = nil) {
        self.tests = tests
        self.warnings = warnings
    }
}
