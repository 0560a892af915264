/// Redeems a link's token for the key of the DPoP proof: `POST /v1/enrol`.
public struct EnrolRequest: Codable, Hashable, Sendable {
    public let token: String
    public init(token: String) { self.token = token }
}

/// What finishing the enrolment takes.
public struct EnrolReply: Codable, Hashable, Sendable {
    public enum Needs: String, Codable, Hashable, Sendable {
        /// A person's first device: choose a password and set up TOTP with `totpSecret`.
        case newFactors
        /// A further device: show the factors that the person already has.
        case presentFactors
        /// A host: prove its host keys.
        case hostKeys
    }
    /// `alice` or `host:web1.example.com`.
    public let identity: String
    public let needs: Needs
    /// Base32 (RFC 4648), for `newFactors`; 20 bytes, SHA-1, 6 digits, 30 s (RFC 6238).
    public let totpSecret: String?
    /// `otpauth://` address of the same secret.
    public let otpauth: String?
    /// Hexadecimal, 32 bytes, for `hostKeys`: what each host key signs, after ``EnrolHostRequest/context``.
    public let challenge: String?
    /// Opaque; goes back with the finishing request.
    public let enrolment: String
    public init(
        identity: String, needs: Needs, totpSecret: String?, otpauth: String?, challenge: String?,
        enrolment: String
    ) {
        self.identity = identity
        self.needs = needs
        self.totpSecret = totpSecret
        self.otpauth = otpauth
        self.challenge = challenge
        self.enrolment = enrolment
    }
}

/// Finishes a person's enrolment and makes the device: `POST /v1/enrol/person`; answers ``SessionReply``.
public struct EnrolPersonRequest: Codable, Hashable, Sendable {
    public let token: String
    public let enrolment: String
    /// The device's own name, e.g. `laptop`; its identity becomes `device:alice.laptop`.
    public let deviceName: String
    public let password: String
    public let totp: String
    public init(token: String, enrolment: String, deviceName: String, password: String, totp: String) {
        self.token = token
        self.enrolment = enrolment
        self.deviceName = deviceName
        self.password = password
        self.totp = totp
    }
}

/// Finishes a host's enrolment: `POST /v1/enrol/host`; answers ``EnrolHostReply``. The DPoP key becomes the agent's.
public struct EnrolHostRequest: Codable, Hashable, Sendable {
    /// Stands before the challenge bytes in what a host key signs.
    public static let context = "keyreeve host enrolment v1\0"
    public struct HostKey: Codable, Hashable, Sendable {
        /// OpenSSH public key line of an existing host key.
        public let publicKey: String
        /// Base64 of the SSH signature blob over context and challenge.
        public let signature: String
        public init(publicKey: String, signature: String) {
            self.publicKey = publicKey
            self.signature = signature
        }
    }
    public let token: String
    public let enrolment: String
    public let hostKeys: [HostKey]
    public init(token: String, enrolment: String, hostKeys: [HostKey]) {
        self.token = token
        self.enrolment = enrolment
        self.hostKeys = hostKeys
    }
}

public struct EnrolHostReply: Codable, Hashable, Sendable {
    /// The host's identity name, e.g. `web1.example.com`.
    public let host: String
    public let authority: AuthorityInfo
    public init(host: String, authority: AuthorityInfo) {
        self.host = host
        self.authority = authority
    }
}
