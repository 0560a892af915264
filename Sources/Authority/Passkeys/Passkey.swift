package import Names
package import SSHFormats

/// A key of a person that a browser, phone or security key holds and that signs only for this authority's site: a
/// credential of Web Authentication (W3C, Level 2).
package struct Passkey: Hashable, Sendable {
    /// Passkeys of one person.
    package static let most = 16
    /// Bytes of an id (§4, Credential ID).
    package static let longestID = 1023

    /// Chosen by the authenticator.
    package let id: [UInt8]
    package let person: IdentityID
    /// What authenticators know the person by: random, the same for all of their passkeys (§5.4.3).
    package let handle: [UInt8]
    package let key: PasskeyKey
    /// How often it signed, as far as is known; 0 for those that do not count.
    package var signCount: UInt32
    /// How the browser reaches it, as it says: `usb`, `internal`, `hybrid`.
    package let transports: [String]
    /// Whether copies of it may exist elsewhere, as those that a phone keeps in its cloud.
    package let isBackupEligible: Bool
    package var isBackedUp: Bool
    /// What was asked of its authenticator. One without is a second factor alone: somebody has to say whose it is.
    package let residentKey: ResidentKey
    /// The person's own for it.
    package let name: Name
    package let createdAt: UnixTime
    package var lastUsedAt: UnixTime?

    package init(
        id: [UInt8], person: IdentityID, handle: [UInt8], key: PasskeyKey, signCount: UInt32,
        transports: [String] = [], isBackupEligible: Bool = false, isBackedUp: Bool = false,
        residentKey: ResidentKey = .required, name: Name, createdAt: UnixTime, lastUsedAt: UnixTime? = nil
    ) {
        self.id = id
        self.person = person
        self.handle = handle
        self.key = key
        self.signCount = signCount
        self.transports = transports
        self.isBackupEligible = isBackupEligible
        self.isBackedUp = isBackedUp
        self.residentKey = residentKey
        self.name = name
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
    }

    /// Whether its authenticator finds it without its id.
    package var isDiscoverable: Bool { residentKey == .required }

    /// Whether the count may come next: a copy of the key shows itself by counting on its own (§6.1.1).
    package func mayCount(_ next: UInt32) -> Bool { next > signCount || (next == 0 && signCount == 0) }
}

/// Whether an authenticator is to keep a credential so that it is found without its id (§5.4.6).
package enum ResidentKey: String, Hashable, Sendable, CaseIterable {
    case required, discouraged
}

/// A public key with the one algorithm that it is used with.
package struct PasskeyKey: Hashable, Sendable {
    package let algorithm: PasskeyAlgorithm
    /// ES256: x and y, 64 bytes; EdDSA: 32; RS256: modulus and exponent, 259.
    package let bytes: [UInt8]

    package init(_ algorithm: PasskeyAlgorithm, _ bytes: [UInt8]) {
        self.algorithm = algorithm
        self.bytes = bytes
    }
}

/// Those that are taken, the preferred first.
package enum PasskeyAlgorithm: String, Hashable, Sendable, CaseIterable {
    case es256 = "ES256"
    case eddsa = "EdDSA"
    case rs256 = "RS256"

    /// As COSE numbers it (RFC 8152 §8, RFC 8812 §2).
    package var cose: Int {
        switch self {
        case .es256: -7
        case .eddsa: -8
        case .rs256: -257
        }
    }
}

/// One use of a passkey that was good.
package struct PasskeyUse: Hashable, Sendable {
    package let signCount: UInt32
    package let isBackedUp: Bool
    package let at: UnixTime

    package init(signCount: UInt32, isBackedUp: Bool, at: UnixTime) {
        self.signCount = signCount
        self.isBackedUp = isBackedUp
        self.at = at
    }
}
