/// Asks for a user certificate: `POST /v1/certificates`. It comes from exactly one grant.
public struct CertificateRequest: Codable, Hashable, Sendable {
    /// OpenSSH public key line; the private key stays with the caller.
    public let publicKey: String
    /// Name, alias or address of a host. Without it `grant` must be named, and all its places are included.
    public let to: String?
    /// The login.
    public let `as`: String
    /// `day` or `connection`; without it the grant's own.
    public let scope: String?
    /// Seconds; without it the longest that the grant gives. Never shortened silently: exact or refused.
    public let `for`: UInt64?
    public let grant: String?
    /// Why, for those who must approve of it; kept with the request.
    public let reason: String?
    public init(
        publicKey: String, to: String?, as login: String, scope: String? = nil, for lifetime: UInt64? = nil,
        grant: String? = nil, reason: String? = nil
    ) {
        self.publicKey = publicKey
        self.to = to
        self.as = login
        self.scope = scope
        self.for = lifetime
        self.grant = grant
        self.reason = reason
    }
}

public struct CertificateReply: Codable, Hashable, Sendable {
    /// OpenSSH certificate line.
    public let certificate: String
    public let serial: UInt64
    public let grant: String
    public let principals: [String]
    /// Seconds since 1970.
    public let validBefore: UInt64
    public init(
        certificate: String, serial: UInt64, grant: String, principals: [String], validBefore: UInt64
    ) {
        self.certificate = certificate
        self.serial = serial
        self.grant = grant
        self.principals = principals
        self.validBefore = validBefore
    }
}

extension CertificateReply: JSONWritten {
    package var json: JSONValue {
        .members([
            ("certificate", .string(certificate)), ("grant", .string(grant)),
            ("principals", .texts(principals)), ("serial", .number(String(serial))),
            ("validBefore", .number(String(validBefore))),
        ])
    }
}

/// Host certificates for keys that this host registered: `POST /v1/host/certificates`.
public struct HostCertificatesRequest: Codable, Hashable, Sendable {
    public let publicKeys: [String]
    public init(publicKeys: [String]) { self.publicKeys = publicKeys }
}

public struct HostCertificatesReply: Codable, Hashable, Sendable {
    public let certificates: [String]
    public init(certificates: [String]) { self.certificates = certificates }
}

/// What the caller may reach: `GET /v1/reach`, with what a client needs to know the hosts.
public struct ReachReply: Codable, Hashable, Sendable {
    public struct Host: Codable, Hashable, Sendable {
        public let name: String
        public let aliases: [String]
        public let addresses: [String]
        public let logins: [Login]
        public init(name: String, aliases: [String], addresses: [String], logins: [Login]) {
            self.name = name
            self.aliases = aliases
            self.addresses = addresses
            self.logins = logins
        }
    }
    public struct Login: Codable, Hashable, Sendable {
        public let login: String
        public let grant: String
        /// `day` or `connection`.
        public let scope: String
        /// Codes of what is still missing, e.g. `factor-required`; empty where a certificate would be issued now.
        public let missing: [String]
        /// Factors to show, by continuing the sign-in conversation of the session; then no factor is missing.
        public let factors: [String]?
        public init(
            login: String, grant: String, scope: String, missing: [String], factors: [String]? = nil
        ) {
            self.login = login
            self.grant = grant
            self.scope = scope
            self.missing = missing
            self.factors = factors
        }
    }
    public let hosts: [Host]
    public let hostCAKeys: [String]
    /// Base64 of the KRL for RevokedHostKeys.
    public let revokedHostKeys: String
    /// The front door for ssh, if there is one.
    public let door: DoorInfo?
    /// Whether to ask again, with `known`, the fingerprints of these keys, once they stand in known hosts: a rotation waits for it.
    public let tellKnown: Bool?
    public init(
        hosts: [Host], hostCAKeys: [String], revokedHostKeys: String, door: DoorInfo? = nil,
        tellKnown: Bool? = nil
    ) {
        self.door = door
        self.tellKnown = tellKnown
        self.hosts = hosts
        self.hostCAKeys = hostCAKeys
        self.revokedHostKeys = revokedHostKeys
    }
}

/// Why somebody may or may not: `POST /v1/explain`.
/// A certificate that was issued: `GET /v1/certificates`.
public struct IssuedCertificateReply: Codable, Hashable, Sendable {
    public let serial: UInt64
    /// `user`, `plainUser` or `host`.
    public let authority: String
    public let identity: String
    public let device: String?
    public let grant: String?
    public let keyID: String
    /// Fingerprint.
    public let key: String
    public let principals: [String]
    public let issuedAt: UInt64
    public let validAfter: UInt64
    public let validBefore: UInt64
    /// By its serial or its key, or because it was never delivered for certain.
    public let revoked: Bool

    public init(
        serial: UInt64, authority: String, identity: String, device: String?, grant: String?, keyID: String,
        key: String, principals: [String], issuedAt: UInt64, validAfter: UInt64, validBefore: UInt64,
        revoked: Bool
    ) {
        self.serial = serial
        self.authority = authority
        self.identity = identity
        self.device = device
        self.grant = grant
        self.keyID = keyID
        self.key = key
        self.principals = principals
        self.issuedAt = issuedAt
        self.validAfter = validAfter
        self.validBefore = validBefore
        self.revoked = revoked
    }
}

public struct ExplainRequest: Codable, Hashable, Sendable {
    /// A person; without it the caller. Others only for auditors and admins.
    public let who: String?
    public let to: String
    public let `as`: String
    public init(who: String?, to: String, as login: String) {
        self.who = who
        self.to = to
        self.as = login
    }
}

public struct ExplainReply: Codable, Hashable, Sendable {
    public let allowed: Bool
    /// The grant that allows it, or the nearest that does not.
    public let grant: String?
    public let code: String?
    /// Sentences for people.
    public let lines: [String]
    public init(allowed: Bool, grant: String?, code: String?, lines: [String]) {
        self.allowed = allowed
        self.grant = grant
        self.code = code
        self.lines = lines
    }
}
