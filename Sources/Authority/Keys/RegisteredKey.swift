package import Names
package import SSHFormats

/// The states of a key (NIST SP 800-57 part 1 §7).
package enum KeyState: String, Hashable, Sendable, CaseIterable {
    case preActive, active, suspended, deactivated, compromised, destroyed

    package func mayBecome(_ next: KeyState) -> Bool {
        switch (self, next) {
        case (.preActive, .active), (.preActive, .compromised), (.preActive, .destroyed): true
        case (.active, .suspended), (.active, .deactivated), (.active, .compromised): true
        case (.suspended, .active), (.suspended, .deactivated), (.suspended, .compromised): true
        case (.deactivated, .compromised), (.deactivated, .destroyed), (.compromised, .destroyed): true
        case (.preActive, _), (.active, _), (.suspended, _), (.deactivated, _), (.compromised, _),
            (.destroyed, _):
            false
        }
    }
}

/// What a key is for: one purpose each.
package enum KeyPurpose: String, Hashable, Sendable { case authenticate, sign, encrypt }

/// A public key of one identity. Never deleted: "was this key valid at time t?" has an answer.
package struct RegisteredKey: Hashable, Sendable {
    package let publicKey: PublicKey
    package let identity: IdentityID
    package let purpose: KeyPurpose
    package var state: KeyState
    /// How it came: `enrolment`, `host-key` (an existing ssh host key), `factor`, `door`.
    package let origin: String
    package let createdAt: UnixTime
    /// The key that it took the place of.
    package let predecessor: Fingerprint?
    /// When somebody last said that its holder may go on with it; nil: when it was registered.
    package var reauthorizedAt: UnixTime?
    /// To within a minute for devices, an hour for hosts.
    package var lastUsedAt: UnixTime?
    /// Numeric address.
    package var lastUsedFrom: String?

    package init(
        publicKey: PublicKey, identity: IdentityID, purpose: KeyPurpose, state: KeyState = .active,
        origin: String, createdAt: UnixTime, predecessor: Fingerprint? = nil, reauthorizedAt: UnixTime? = nil,
        lastUsedAt: UnixTime? = nil,
        lastUsedFrom: String? = nil
    ) {
        self.publicKey = publicKey
        self.identity = identity
        self.purpose = purpose
        self.state = state
        self.origin = origin
        self.createdAt = createdAt
        self.predecessor = predecessor
        self.reauthorizedAt = reauthorizedAt
        self.lastUsedAt = lastUsedAt
        self.lastUsedFrom = lastUsedFrom
    }

    /// What its age is counted from that is due for the holder to say so again.
    var authorizedAt: UnixTime { max(createdAt, reauthorizedAt ?? createdAt) }
}
