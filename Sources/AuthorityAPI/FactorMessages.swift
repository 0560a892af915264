public import SSHFormats

/// Goes on with the sign-in conversation of the session: `POST /v1/session/step-up`; answers ``SignInReply`` with steps. The
/// answers go to `POST /v1/session/step-up/answer` as ``SignInAnswer``, which answers ``SignInReply``.
public struct StepUpRequest: Codable, Hashable, Sendable {
    /// What a refusal names in ``Problem/factors``: `password`, `totp`; `oidc:corp` where several are of a kind.
    public let factors: [String]
    public init(factors: [String]) { self.factors = factors }
}

/// Registers an ssh key as a factor: `POST /v1/factors/ssh-keys`; answers ``SSHKeyReply``.
public struct SSHKeyRequest: Codable, Hashable, Sendable {
    /// SSHSIG, armoured, in the namespace `key@keyreeve`, over `keyreeve key of IDENTITY at ORIGIN`. The key is in it.
    public let signature: String
    public init(signature: String) { self.signature = signature }

    /// The step of a sign-in that asks for a signature.
    public static let step = "sshkey"
    /// How the text begins that is signed to sign in; the fingerprint of the session's key follows.
    public static let signInText = "keyreeve sign-in at "
    /// Whether a text is one that signs in with this key of a session: what is for another is never signed, so that nobody
    /// between signs in with it.
    public static func isSignIn(_ text: String, for session: PublicKey) -> Bool {
        text.hasPrefix(signInText) && text.contains(" for \(session.fingerprint), ")
            && text.utf8.count <= 1_024
    }
    /// Namespace of that signature.
    public static let namespace = "key@keyreeve"
    /// Namespace of the signature that signs in, over the ``SignInStep/code`` of the step `sshkey`.
    public static let signInNamespace = "sign-in@keyreeve"
    /// What is signed to register a key.
    public static func text(identity: String, origin: String) -> String {
        "keyreeve key of \(identity) at \(origin)"
    }
}

public struct SSHKeyReply: Codable, Hashable, Sendable {
    /// `SHA256:…`
    public let fingerprint: String
    public init(fingerprint: String) { self.fingerprint = fingerprint }
}

/// New recovery codes: `POST /v1/recovery-codes`. Shown once; each counts once; the former ones are void.
public struct RecoveryCodesReply: Codable, Hashable, Sendable {
    /// 16 letters and digits each, in groups of four.
    public let codes: [String]
    public init(codes: [String]) { self.codes = codes }
}

/// A secret for a new authenticator app: `POST /v1/factors/totp`.
public struct NewTOTPReply: Codable, Hashable, Sendable {
    /// Base32 (RFC 4648); 20 bytes, SHA-1, 6 digits, 30 s (RFC 6238).
    public let totpSecret: String
    /// `otpauth://` address of the same secret.
    public let otpauth: String
    /// Opaque; goes back with ``NewTOTPRequest``.
    public let enrolment: String
    public init(totpSecret: String, otpauth: String, enrolment: String) {
        self.totpSecret = totpSecret
        self.otpauth = otpauth
        self.enrolment = enrolment
    }
}

/// Takes the new authenticator app: `POST /v1/factors/totp/finish`; answers ``WhoAmI``.
public struct NewTOTPRequest: Codable, Hashable, Sendable {
    public let enrolment: String
    /// A code of the new secret.
    public let totp: String
    public init(enrolment: String, totp: String) {
        self.enrolment = enrolment
        self.totp = totp
    }
}

/// A new password: `POST /v1/factors/password`; answers ``SessionsEndReply``.
public struct NewPasswordRequest: Codable, Hashable, Sendable {
    /// 12 to 1024 bytes.
    public let password: String
    /// Whether all other sessions of the caller end.
    public let endOthers: Bool?
    public init(password: String, endOthers: Bool? = nil) {
        self.password = password
        self.endOthers = endOthers
    }
}

/// Sign-ins of one's own that wait for another device: `GET /v1/sign-ins`.
public struct PendingSignInsReply: Codable, Hashable, Sendable {
    public struct Pending: Codable, Hashable, Sendable {
        public let id: String
        /// Numeric address that it comes from.
        public let source: String
        /// Fingerprint of the key that the session would be bound to.
        public let key: String
        /// Seconds since 1970; it waits for two minutes.
        public let askedAt: UInt64
        /// True where everything would be set anew for whoever asks: it waits for ten minutes.
        public let recovery: Bool?
        public init(id: String, source: String, key: String, askedAt: UInt64, recovery: Bool? = nil) {
            self.id = id
            self.source = source
            self.key = key
            self.askedAt = askedAt
            self.recovery = recovery
        }
    }
    /// The oldest first.
    public let pending: [Pending]
    public init(pending: [Pending]) { self.pending = pending }
}

/// Approves or denies one of them: `POST /v1/sign-ins/decide`; answers ``SignInDecided``.
public struct SignInDecision: Codable, Hashable, Sendable {
    public let id: String
    /// The four digits that are shown where it began; absent to deny.
    public let number: String?
    /// True to approve a recovery, which is never approved as a mere sign-in.
    public let recovery: Bool?
    public init(id: String, number: String?, recovery: Bool? = nil) {
        self.id = id
        self.number = number
        self.recovery = recovery
    }
}

public struct SignInDecided: Codable, Hashable, Sendable {
    /// `approved` or `denied`.
    public let decision: String
    public init(decision: String) { self.decision = decision }
}
