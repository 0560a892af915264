package import Names
package import SSHFormats

/// Something that a passkey is to do in a browser for whoever waits elsewhere: to sign in, or to be registered.
package struct PasskeyRequest: Hashable, Sendable {
    /// Seconds that it waits.
    package static let longest: UInt64 = 180
    /// Seconds after which nobody asks for it any more, and it is forgotten.
    package static let kept: UInt64 = 300

    package enum Purpose: String, Hashable, Sendable, CaseIterable {
        case signIn = "sign-in"
        case registration
    }

    package enum State: String, Hashable, Sendable, CaseIterable {
        case open
        /// Whoever opened the page typed the number.
        case numbered
        /// A passkey answered well. Its challenge is spent.
        case answered
        /// What was answered has counted.
        case used
        case denied
        /// A passkey answered, and not well. Its challenge is spent.
        case failed

        /// The states that it may come from.
        package var sources: [State] {
            switch self {
            case .open: []
            case .numbered: [.open]
            case .answered, .failed: [.numbered]
            case .used: [.answered]
            case .denied: [.open, .numbered]
            }
        }
    }

    /// What was answered.
    package struct Proof: Hashable, Sendable {
        package let person: IdentityID
        /// The passkey that is to be registered, written down; else the id of the one that signed.
        package let bytes: [UInt8]

        package init(_ person: IdentityID, _ bytes: [UInt8]) {
            self.person = person
            self.bytes = bytes
        }
    }

    package let id: String
    /// SHA-256 of what the address of the page carries.
    package let tokenHash: [UInt8]
    package let purpose: Purpose
    /// Shown to whoever waits, typed on the page: four digits.
    package let number: String
    /// 32 random bytes.
    package let challenge: [UInt8]
    /// Whether the passkey must, should or need not check a PIN or a finger.
    package let verification: UserVerification
    /// What the session is, or will be, bound to.
    package let key: Fingerprint
    /// Numeric address of whoever waits.
    package let source: String
    package let askedAt: UnixTime
    /// For whom and what a passkey is registered; nil for sign-ins, of which nobody is told whose they are.
    package let registration: Registration?
    /// Whose security keys may answer, which are found by their ids alone: the person of the device or session that asks.
    /// Nil for all other keys, and where a passkey is all that is asked for.
    package let listed: IdentityID?
    package var state = State.open
    package var proof: Proof?

    package struct Registration: Hashable, Sendable {
        package let person: IdentityID
        /// As ``Passkey/handle``.
        package let handle: [UInt8]
        package let name: Name
        package let residentKey: ResidentKey

        package init(
            person: IdentityID, handle: [UInt8], name: Name, residentKey: ResidentKey = .required
        ) {
            self.person = person
            self.handle = handle
            self.name = name
            self.residentKey = residentKey
        }
    }

    package init(
        id: String, tokenHash: [UInt8], purpose: Purpose, number: String, challenge: [UInt8],
        verification: UserVerification, key: Fingerprint, source: String, askedAt: UnixTime,
        registration: Registration? = nil, listed: IdentityID? = nil, state: State = .open,
        proof: Proof? = nil
    ) {
        self.id = id
        self.tokenHash = tokenHash
        self.purpose = purpose
        self.number = number
        self.challenge = challenge
        self.verification = verification
        self.key = key
        self.source = source
        self.askedAt = askedAt
        self.registration = registration
        self.listed = listed
        self.state = state
        self.proof = proof
    }

    package func isOver(at now: UnixTime) -> Bool { now >= end }
    package var end: UnixTime { askedAt.advanced(by: Int64(Self.longest)) }

    /// A new one, with the token that opens its page.
    static func new(
        _ purpose: Purpose, verification: UserVerification, key: Fingerprint, source: String,
        registration: Registration? = nil, listed: IdentityID? = nil, in world: World
    ) -> (PasskeyRequest, token: String) {
        let token = Base64URL.text(world.random(16))
        let request = PasskeyRequest(
            id: Hexadecimal.text(world.random(16)), tokenHash: TokenHash.of(token), purpose: purpose,
            number: DeviceFactor.number(world.random(8)), challenge: world.random(32),
            verification: verification, key: key, source: source, askedAt: world.now(),
            registration: registration, listed: listed)
        return (request, token)
    }
}

/// Whether a passkey must check who touches it (W3C Web Authentication §5.8.6).
package enum UserVerification: String, Hashable, Sendable, CaseIterable {
    case required, preferred, discouraged
}
