/// `GET /v1/policy/history?before=V&limit=N`, for auditors: newest first, at most 200.
public struct PolicyHistoryReply: Codable, Hashable, Sendable {
    public struct Version: Codable, Hashable, Sendable {
        public let version: UInt64
        public let appliedBy: String?
        public let appliedAt: UInt64
        public let reason: String?
        /// Hexadecimal SHA-256 of the text, as the ledger has it.
        public let sha256: String
        public init(version: UInt64, appliedBy: String?, appliedAt: UInt64, reason: String?, sha256: String) {
            self.version = version
            self.appliedBy = appliedBy
            self.appliedAt = appliedAt
            self.reason = reason
            self.sha256 = sha256
        }
    }
    public let versions: [Version]
    public let more: Bool
    public init(versions: [Version], more: Bool) {
        self.versions = versions
        self.more = more
    }
}

/// Compares two policies by what they come to: `POST /v1/policy/diff`, for auditors. Exactly one of `text` and `to`.
public struct PolicyDiffRequest: Codable, Hashable, Sendable {
    /// The version to compare with; without it the one in force.
    public let from: UInt64?
    public let to: UInt64?
    /// A policy that need not pass its tests.
    public let text: String?
    public init(from: UInt64? = nil, to: UInt64? = nil, text: String? = nil) {
        self.from = from
        self.to = to
        self.text = text
    }
}

/// A right as a grant gives it.
public struct PolicyRight: Codable, Hashable, Sendable {
    /// `alice`, `service:deployer`, or `group:NAME` for a group that the identity provider fills.
    public let who: String
    /// `host:NAME`, `label:KEY=VALUE` where no host has it, or `authority`.
    public let to: String
    /// A login, a role on the authority, or `$self` of somebody without a login.
    public let `as`: String
    public let grant: String
    /// On what terms, in a few words each, e.g. `8h, scope day`, `totp younger than 15m`, `from 10.0.0.0/8`.
    public let terms: [String]
    public init(who: String, to: String, as login: String, grant: String, terms: [String]) {
        self.who = who
        self.to = to
        self.as = login
        self.grant = grant
        self.terms = terms
    }
}

public struct PolicyDiffReply: Codable, Hashable, Sendable {
    public struct Change: Codable, Hashable, Sendable {
        /// `gains`, `loses`, or `changes` for the same right on other terms.
        public let change: String
        public let who: String
        public let to: String
        public let `as`: String
        public let before: [PolicyRight]
        public let after: [PolicyRight]
        public init(
            change: String, who: String, to: String, as login: String, before: [PolicyRight],
            after: [PolicyRight]
        ) {
            self.change = change
            self.who = who
            self.to = to
            self.as = login
            self.before = before
            self.after = after
        }
    }
    /// At most 10,000, in order of who, to and as.
    public let changes: [Change]
    public let more: Bool
    /// Whether the texts are the same byte for byte.
    public let sameText: Bool
    /// As ``PolicyReply/warnings``, of the policy that is compared.
    public let warnings: [PolicyWarningInfo]?
    public init(changes: [Change], more: Bool, sameText: Bool, warnings: [PolicyWarningInfo]? = nil) {
        self.changes = changes
        self.more = more
        self.sameText = sameText
        self.warnings = warnings
    }
}

/// Something that a policy says and that is seldom meant. It counts all the same.
public struct PolicyWarningInfo: Codable, Hashable, Sendable {
    /// `external-role`: a role on the authority goes to a group that a provisioner or an identity provider fills.
    public let code: String
    public let grant: String
    public let group: String
    /// Roles on the authority: admin, enroller, auditor, helpdesk.
    public let roles: [String]
    /// One sentence.
    public let text: String
    public init(code: String, grant: String, group: String, roles: [String], text: String) {
        self.code = code
        self.grant = grant
        self.group = group
        self.roles = roles
        self.text = text
    }
}

/// `GET /v1/policy/who?to=HOST&as=LOGIN`, for auditors, or `?of=IDENTITY`, for auditors and oneself.
public struct PolicyWhoReply: Codable, Hashable, Sendable {
    /// At most 10,000.
    public let rights: [PolicyRight]
    public let more: Bool
    public init(rights: [PolicyRight], more: Bool) {
        self.rights = rights
        self.more = more
    }
}
