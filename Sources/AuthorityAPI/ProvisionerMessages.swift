/// A provisioner, an identity provider that pushes persons and groups by SCIM, as the API shows it.
public struct ProvisionerReply: Codable, Hashable, Sendable {
    public struct Token: Codable, Hashable, Sendable {
        public let id: String
        public let madeBy: String
        public let madeAt: UInt64
        public let notAfter: UInt64
        public let endedAt: UInt64?
        public init(id: String, madeBy: String, madeAt: UInt64, notAfter: UInt64, endedAt: UInt64?) {
            self.id = id
            self.madeBy = madeBy
            self.madeAt = madeAt
            self.notAfter = notAfter
            self.endedAt = endedAt
        }
    }

    public let name: String
    public let owner: String?
    public let status: String
    /// `iss` of the identity provider whose `sub` is the `externalId` here.
    public let issuer: String?
    /// The newest first.
    public let tokens: [Token]
    public init(name: String, owner: String?, status: String, issuer: String?, tokens: [Token]) {
        self.name = name
        self.owner = owner
        self.status = status
        self.issuer = issuer
        self.tokens = tokens
    }
}

/// `GET /v1/provisioners`: in order of name.
public struct ProvisionerListReply: Codable, Hashable, Sendable {
    public let provisioners: [ProvisionerReply]
    public init(provisioners: [ProvisionerReply]) { self.provisioners = provisioners }
}

/// A token for a provisioner, which is made where there is none of that name: `POST /v1/provisioners/token`; answers
/// ``ProvisionerTokenReply``.
public struct ProvisionerTokenRequest: Codable, Hashable, Sendable {
    public let name: String
    /// As the server's configuration names it: its `sub` is the `externalId` here.
    public let provider: String?
    /// 1 to 730; without it 365.
    public let days: UInt64?
    /// Why, for those who must agree.
    public let reason: String?
    public init(name: String, provider: String? = nil, days: UInt64? = nil, reason: String? = nil) {
        self.name = name
        self.provider = provider
        self.days = days
        self.reason = reason
    }
}

public struct ProvisionerTokenReply: Codable, Hashable, Sendable {
    public let name: String
    /// By which it is revoked.
    public let id: String
    /// The secret, shown once.
    public let token: String
    public let notAfter: UInt64
    public init(name: String, id: String, token: String, notAfter: UInt64) {
        self.name = name
        self.id = id
        self.token = token
        self.notAfter = notAfter
    }
}

/// Ends one token of a provisioner, or all: `POST /v1/provisioners/revoke`; answers ``ProvisionerReply``.
public struct ProvisionerRevokeRequest: Codable, Hashable, Sendable {
    public let name: String
    /// The id of one token.
    public let token: String?
    /// Why, for those who must agree.
    public let reason: String?
    public init(name: String, token: String? = nil, reason: String? = nil) {
        self.name = name
        self.token = token
        self.reason = reason
    }
}

/// Gives a person who is here already into a provisioner's hands, or takes them out: `POST /v1/provisioners/person`; answers
/// ``ProvisionerPersonReply``.
public struct ProvisionerPersonRequest: Codable, Hashable, Sendable {
    public let name: String
    /// `alice`.
    public let person: String
    /// What the provisioner calls them; without it their name here.
    public let userName: String?
    public let given: Bool
    /// Why, for those who must agree.
    public let reason: String?
    public init(name: String, person: String, userName: String?, given: Bool, reason: String? = nil) {
        self.name = name
        self.person = person
        self.userName = userName
        self.given = given
        self.reason = reason
    }
}

public struct ProvisionerPersonReply: Codable, Hashable, Sendable {
    public let name: String
    public let person: String
    /// Of the user, in SCIM.
    public let id: String
    public let userName: String
    public let given: Bool
    public init(name: String, person: String, id: String, userName: String, given: Bool) {
        self.name = name
        self.person = person
        self.id = id
        self.userName = userName
        self.given = given
    }
}
