package import Names
package import SSHFormats

/// Where a CA key stands; only the one that is `signing` signs.
package enum CAKeyState: String, Hashable, Sendable, CaseIterable {
    case prepared, signing, retiring, retired
}

/// A key that signs certificates, as the store keeps it.
package struct CAKey: Hashable, Sendable {
    package let authority: CertificateAuthority
    package let publicKey: PublicKey
    package var state: CAKeyState
    /// When it came into this state.
    package var since: UnixTime
    /// The private half as the signer sealed it, for the signers of other nodes. Empty for the first key of all, which they
    /// have, and for one that is retired.
    package var sealed: [UInt8]
    /// The host state from which on hosts hold what follows from this state of the key; (0, 0) for the first of all.
    package var carried: HostStateNumber
    /// When the last certificate ends that it signed; nil while it may sign.
    package var lastExpiry: UnixTime?
    /// Whether it was retired because somebody else has it.
    package var isStolen: Bool

    package init(
        authority: CertificateAuthority, publicKey: PublicKey, state: CAKeyState, since: UnixTime,
        sealed: [UInt8] = [], carried: HostStateNumber = HostStateNumber(epoch: 0, version: 0),
        lastExpiry: UnixTime? = nil, isStolen: Bool = false
    ) {
        self.authority = authority
        self.publicKey = publicKey
        self.state = state
        self.since = since
        self.sealed = sealed
        self.carried = carried
        self.lastExpiry = lastExpiry
        self.isStolen = isStolen
    }
}

/// Somebody said that a rotation need not wait for this host or device.
package struct CAWaiver: Hashable, Sendable {
    package let key: Fingerprint
    package let holder: IdentityID
    package let by: IdentityID
    package let at: UnixTime

    package init(key: Fingerprint, holder: IdentityID, by: IdentityID, at: UnixTime) {
        self.key = key
        self.holder = holder
        self.by = by
        self.at = at
    }
}

/// All CA keys that rotate, with what was waived.
package struct CAKeySets: Hashable, Sendable {
    /// The host state that they are at least as new as.
    package let version: UInt64
    /// In the order in which they came.
    package let keys: [CAKey]
    package let waivers: [CAWaiver]

    package init(version: UInt64, keys: [CAKey], waivers: [CAWaiver]) {
        self.version = version
        self.keys = keys
        self.waivers = waivers
    }

    /// Those that have rows at all: the plain-user CA does not rotate.
    package static let rotating: [CertificateAuthority] = [.user, .host]

    func key(_ authority: CertificateAuthority, _ state: CAKeyState) -> CAKey? {
        keys.last { $0.authority == authority && $0.state == state }
    }

    /// What is to be trusted: the key that signs, the one that did before, the one that will.
    func trusted(_ authority: CertificateAuthority) -> [PublicKey] {
        let states: [CAKeyState] = [.signing, .retiring, .prepared]
        return states.flatMap { state in
            keys.filter { $0.authority == authority && $0.state == state }.map(\.publicKey)
        }
    }
}
