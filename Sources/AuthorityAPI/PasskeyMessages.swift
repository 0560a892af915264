/// A passkey of one's own.
public struct PasskeyInfo: Codable, Hashable, Sendable {
    public let name: String
    /// `ES256`, `EdDSA` or `RS256`.
    public let algorithm: String
    /// 0 for those that do not count.
    public let signCount: UInt64
    /// As the browser says: `usb`, `nfc`, `ble`, `internal`, `hybrid`.
    public let transports: [String]
    /// Whether its holder may keep copies of it, and does.
    public let backupEligible: Bool
    public let backedUp: Bool
    /// Whether it is found without its id; else it is a security key that serves as second factor alone.
    public let discoverable: Bool
    /// Seconds since 1970.
    public let createdAt: UInt64
    public let lastUsedAt: UInt64?
    public init(
        name: String, algorithm: String, signCount: UInt64, transports: [String], backupEligible: Bool,
        backedUp: Bool, discoverable: Bool, createdAt: UInt64, lastUsedAt: UInt64?
    ) {
        self.name = name
        self.algorithm = algorithm
        self.signCount = signCount
        self.transports = transports
        self.backupEligible = backupEligible
        self.backedUp = backedUp
        self.discoverable = discoverable
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
    }
}

/// The passkeys of the caller, or of somebody else for those with a role on the authority: `GET /v1/factors/passkeys`.
public struct PasskeysReply: Codable, Hashable, Sendable {
    /// In the order in which they were registered.
    public let passkeys: [PasskeyInfo]
    public init(passkeys: [PasskeyInfo]) { self.passkeys = passkeys }
}

/// Begins to register a passkey: `POST /v1/factors/passkeys`; answers ``NewPasskeyReply``. Needs a second factor of the last
/// 15 minutes.
public struct NewPasskeyRequest: Codable, Hashable, Sendable {
    /// One's own for it; the next free `key-1` where nil.
    public let name: String?
    /// Whether it is a security key that is to keep nothing, and a second factor alone.
    public let securityKey: Bool?
    public init(name: String?, securityKey: Bool? = nil) {
        self.name = name
        self.securityKey = securityKey
    }
}

public struct NewPasskeyReply: Codable, Hashable, Sendable {
    public let id: String
    /// Page to open in a browser; what stands behind its `#` is secret.
    public let url: String
    /// To type on that page.
    public let number: String
    /// Seconds since 1970 after which it is over.
    public let notAfter: UInt64
    public init(id: String, url: String, number: String, notAfter: UInt64) {
        self.id = id
        self.url = url
        self.number = number
        self.notAfter = notAfter
    }
}

/// Takes the passkey once the page has it: `POST /v1/factors/passkeys/finish`; answers ``PasskeyFinished``.
public struct PasskeyFinish: Codable, Hashable, Sendable {
    public let id: String
    public init(id: String) { self.id = id }
}

public struct PasskeyFinished: Codable, Hashable, Sendable {
    /// Nil while the page is waited for.
    public let passkey: PasskeyInfo?
    public init(passkey: PasskeyInfo?) { self.passkey = passkey }
}

/// Ends a passkey: `POST /v1/factors/passkeys/remove`; answers ``PasskeyInfo`` as it was.
public struct PasskeyRemoval: Codable, Hashable, Sendable {
    public let name: String
    /// Whose it is, where the helpdesk asks; one's own where nil.
    public let identity: String?
    /// Why, for those who must agree.
    public let reason: String?
    public init(name: String, identity: String? = nil, reason: String? = nil) {
        self.name = name
        self.identity = identity
        self.reason = reason
    }
}

/// What the page asks first: `POST /v1/passkey-page`; answers ``PasskeyPageFacts``.
public struct PasskeyPageToken: Codable, Hashable, Sendable {
    /// What stood behind the `#` of its address.
    public let token: String
    public init(token: String) { self.token = token }
}

/// Where a request comes from. Whose sign-in it is, is not told.
public struct PasskeyPageFacts: Codable, Hashable, Sendable {
    /// `sign-in` or `registration`.
    public let purpose: String
    /// Numeric address of whoever waits.
    public let source: String
    /// Fingerprint of the key of the session that it is for.
    public let key: String
    /// Seconds since 1970, and how many are left.
    public let askedAt: UInt64
    public let secondsLeft: UInt64
    /// Whether a security key that keeps nothing may answer, because the person's own device asks, or is to be registered.
    public let securityKey: Bool
    public init(
        purpose: String, source: String, key: String, askedAt: UInt64, secondsLeft: UInt64, securityKey: Bool
    ) {
        self.purpose = purpose
        self.source = source
        self.key = key
        self.askedAt = askedAt
        self.secondsLeft = secondsLeft
        self.securityKey = securityKey
    }
}

/// Asks what the passkey is to sign: `POST /v1/passkey-page/number`; answers ``PasskeyPageWish``.
public struct PasskeyPageNumber: Codable, Hashable, Sendable {
    public let token: String
    /// The four digits; another number ends the request, and so does none.
    public let number: String?
    public init(token: String, number: String?) {
        self.token = token
        self.number = number
    }
}

/// What the browser is to ask the passkey for (W3C Web Authentication §5.4, §5.5); bytes are in Base64URL.
public struct PasskeyPageWish: Codable, Hashable, Sendable {
    /// `sign-in`, `registration`, or `denied`, without anything more.
    public let purpose: String
    public let challenge: String?
    public let relyingParty: String?
    /// `required`, `preferred` or `discouraged`.
    public let userVerification: String?
    /// Milliseconds.
    public let timeout: UInt64?
    /// Ids of security keys that keep nothing, where such may answer.
    public let allow: [String]?
    /// For a registration alone.
    public let user: PasskeyPageUser?
    public init(
        purpose: String, challenge: String? = nil, relyingParty: String? = nil,
        userVerification: String? = nil,
        timeout: UInt64? = nil, allow: [String]? = nil, user: PasskeyPageUser? = nil
    ) {
        self.purpose = purpose
        self.challenge = challenge
        self.relyingParty = relyingParty
        self.userVerification = userVerification
        self.timeout = timeout
        self.allow = allow
        self.user = user
    }
}

/// For whom a passkey is registered.
public struct PasskeyPageUser: Codable, Hashable, Sendable {
    public let handle: String
    public let name: String
    /// As COSE numbers them, the preferred first.
    public let algorithms: [Int]
    /// Ids of passkeys that are registered already.
    public let exclude: [String]
    /// `required`, or `discouraged` for a security key that is to keep nothing.
    public let residentKey: String
    public init(handle: String, name: String, algorithms: [Int], exclude: [String], residentKey: String) {
        self.handle = handle
        self.name = name
        self.algorithms = algorithms
        self.exclude = exclude
        self.residentKey = residentKey
    }
}

/// What the passkey answered: `POST /v1/passkey-page/answer`; answers `{}`. Bytes are in Base64URL. It counts once, whatever
/// comes of it.
public struct PasskeyPageAnswer: Codable, Hashable, Sendable {
    public let token: String
    public let clientData: String
    /// For a sign-in.
    public let id: String?
    public let authenticatorData: String?
    public let signature: String?
    public let userHandle: String?
    /// For a registration.
    public let attestationObject: String?
    public let transports: [String]?
    public init(
        token: String, clientData: String, id: String? = nil, authenticatorData: String? = nil,
        signature: String? = nil, userHandle: String? = nil, attestationObject: String? = nil,
        transports: [String]? = nil
    ) {
        self.token = token
        self.clientData = clientData
        self.id = id
        self.authenticatorData = authenticatorData
        self.signature = signature
        self.userHandle = userHandle
        self.attestationObject = attestationObject
        self.transports = transports
    }
}
