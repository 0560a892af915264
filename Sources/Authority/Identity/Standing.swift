package import Names
package import SSHFormats

/// A signed-in identity: factors with times, device, address. Its token is stored hashed and bound to a key.
package struct Session: Hashable, Sendable {
    /// Public handle, 16 random bytes in hexadecimal; not the token.
    package let id: String
    package let identity: IdentityID
    package let device: IdentityID?
    package var factors: ProvenFactors
    /// The key that every request of this session is signed with (DPoP, RFC 9449).
    package let boundTo: Fingerprint
    package let source: String
    package let startedAt: UnixTime
    package var lastUsedAt: UnixTime
    package var endedAt: UnixTime?

    package init(
        id: String, identity: IdentityID, device: IdentityID?, factors: ProvenFactors, boundTo: Fingerprint,
        source: String, startedAt: UnixTime, lastUsedAt: UnixTime, endedAt: UnixTime? = nil
    ) {
        self.id = id
        self.identity = identity
        self.device = device
        self.factors = factors
        self.boundTo = boundTo
        self.source = source
        self.startedAt = startedAt
        self.lastUsedAt = lastUsedAt
        self.endedAt = endedAt
    }

    /// Whether no second factor was shown, or a recovery code in its place: such a session sets up a second factor, or
    /// shows one, and does nothing else.
    package var isLimited: Bool { !factors.keys.contains { $0.isSecond && $0 != .recovery } }
}

/// Who asks, proven for this one request: the identity with its session, device and factors.
package struct Requester: Hashable, Sendable {
    package var identity: Identity
    /// nil where a host or service answers for itself with its registered key.
    package let session: Session?
    package let device: Identity?
    /// Address of the peer, numeric, without port.
    package let source: String
    package let requestID: String
    /// Whether the front door speaks for them.
    package var isThroughDoor = false

    package init(identity: Identity, session: Session?, device: Identity?, source: String, requestID: String)
    {
        self.identity = identity
        self.session = session
        self.device = device
        self.source = source
        self.requestID = requestID
    }

    package var factors: ProvenFactors { session?.factors ?? [:] }
    package var hasEnrolledDevice: Bool { device?.status == .active }
}
