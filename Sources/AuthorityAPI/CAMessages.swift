/// `GET /v1/ca`: where the rotation of the CA keys stands.
public struct CAReply: Codable, Hashable, Sendable {
    public struct Key: Codable, Hashable, Sendable {
        public let fingerprint: String
        /// An OpenSSH public key line.
        public let publicKey: String
        /// `prepared`, `signing`, `retiring` or `retired`.
        public let state: String
        /// Seconds since 1970 UTC.
        public let since: UInt64
        /// When the last certificate ends that it signed; not while it may sign.
        public let lastExpiry: UInt64?
        public let stolen: Bool
        public init(
            fingerprint: String, publicKey: String, state: String, since: UInt64, lastExpiry: UInt64?,
            stolen: Bool
        ) {
            self.fingerprint = fingerprint
            self.publicKey = publicKey
            self.state = state
            self.since = since
            self.lastExpiry = lastExpiry
            self.stolen = stolen
        }
    }

    public struct Wait: Codable, Hashable, Sendable {
        /// The key that it is about.
        public let key: String
        /// A host or device; nil where time is waited for.
        public let name: String?
        /// The rest of a sentence.
        public let words: String
        public init(key: String, name: String?, words: String) {
            self.key = key
            self.name = name
            self.words = words
        }
    }

    public struct Waiver: Codable, Hashable, Sendable {
        public let key: String
        public let name: String
        public let by: String
        public let at: UInt64
        public init(key: String, name: String, by: String, at: UInt64) {
            self.key = key
            self.name = name
            self.by = by
            self.at = at
        }
    }

    public struct Authority: Codable, Hashable, Sendable {
        /// `user` or `host`.
        public let authority: String
        /// In the order in which they came.
        public let keys: [Key]
        /// What has to be there before the next step.
        public let waiting: [Wait]
        public let waived: [Waiver]
        /// Hosts that are not known to distrust a retired key.
        public let stillTrusting: [Wait]
        /// Sentences: what comes next, and what cannot be known.
        public let next: [String]
        /// Sentences: what an emergency rotation would break now.
        public let breaks: [String]
        public init(
            authority: String, keys: [Key], waiting: [Wait], waived: [Waiver], stillTrusting: [Wait],
            next: [String], breaks: [String]
        ) {
            self.authority = authority
            self.keys = keys
            self.waiting = waiting
            self.waived = waived
            self.stillTrusting = stillTrusting
            self.next = next
            self.breaks = breaks
        }
    }

    public let authorities: [Authority]
    public init(authorities: [Authority]) { self.authorities = authorities }
}

/// `POST /v1/ca/rotate`; answers ``CAChangeReply``.
public struct CARotateRequest: Codable, Hashable, Sendable {
    /// `user` or `host`.
    public let authority: String
    /// Whether somebody else has a key: then nothing is waited for, and it is distrusted everywhere.
    public let stolen: Bool?
    /// Fingerprint of the stolen key; nil: the one that signs.
    public let key: String?
    public let reason: String?
    public init(authority: String, stolen: Bool? = nil, key: String? = nil, reason: String? = nil) {
        self.authority = authority
        self.stolen = stolen
        self.key = key
        self.reason = reason
    }
}

/// `POST /v1/ca/waive`; answers ``CAChangeReply``.
public struct CAWaiveRequest: Codable, Hashable, Sendable {
    /// A host by its name, alias or address, or `device:NAME`.
    public let name: String
    public let reason: String?
    public init(name: String, reason: String? = nil) {
        self.name = name
        self.reason = reason
    }
}

/// The key that a change is about, and where it stands by it.
public struct CAChangeReply: Codable, Hashable, Sendable {
    public let authority: String
    public let fingerprint: String
    public let state: String
    public init(authority: String, fingerprint: String, state: String) {
        self.authority = authority
        self.fingerprint = fingerprint
        self.state = state
    }
}
