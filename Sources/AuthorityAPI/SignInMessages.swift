/// Begins the one sign-in conversation: `POST /v1/sign-in`.
public struct SignInRequest: Codable, Hashable, Sendable {
    /// May be empty where the way says who it is, as an identity provider does.
    public let name: String
    /// One of ``AuthorityInfo/signIn``; the first where nil. Or `recovery:device`, `recovery:colleagues`, where the policy
    /// opens them to whoever has lost their factors.
    public let with: String?
    public init(name: String, with: String? = nil) {
        self.name = name
        self.with = with
    }
}

/// What the server asks for next.
public struct SignInStep: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Hashable, Sendable {
        /// An answer that may be shown as it is typed.
        case text
        /// One that may not.
        case secret
        /// One of ``SignInStep/choices``.
        case choose
        /// ``SignInStep/url`` is opened in a browser; ``SignInStep/code`` is compared or typed there.
        case openURL
        /// A security key signs the request in ``SignInStep/choices``.
        case webauthn
        /// Nothing to type: answer with an empty text after ``SignInStep/seconds``.
        case wait
    }
    /// As ``instead``: the answer is what the client calls itself, 1 to 64 ASCII letters, digits, spaces or `._:@/()-`; then
    /// an address and a code are shown, for the browser of whatever machine.
    public static let headless = "headless"

    public let kind: Kind
    /// Names the answer in ``SignInAnswer/answers``: `password`, `totp`.
    public let name: String
    public let prompt: String
    /// The name of another answer that is taken in its place: `recovery`, a recovery code.
    public let instead: String?
    public let url: String?
    public let code: String?
    public let choices: [String]?
    public let seconds: UInt64?
    public init(
        kind: Kind, name: String, prompt: String, instead: String? = nil, url: String? = nil,
        code: String? = nil, choices: [String]? = nil, seconds: UInt64? = nil
    ) {
        self.kind = kind
        self.name = name
        self.prompt = prompt
        self.instead = instead
        self.url = url
        self.code = code
        self.choices = choices
        self.seconds = seconds
    }
}

/// Answers every step of the last reply: `POST /v1/sign-in/answer`.
public struct SignInAnswer: Codable, Hashable, Sendable {
    /// Opaque; as the last reply gave it.
    public let conversation: String
    public let answers: [String: String]
    public init(conversation: String, answers: [String: String]) {
        self.conversation = conversation
        self.answers = answers
    }
}

/// Either more steps, or a session, or what the session has become after a step-up. A refusal is a ``Problem``.
public struct SignInReply: Codable, Hashable, Sendable {
    public let conversation: String?
    public let steps: [SignInStep]
    public let session: SessionReply?
    /// After a step-up alone.
    public let whoami: WhoAmI?
    public init(
        conversation: String?, steps: [SignInStep], session: SessionReply?, whoami: WhoAmI? = nil
    ) {
        self.conversation = conversation
        self.steps = steps
        self.session = session
        self.whoami = whoami
    }
}

/// A session just made. The token is shown once and is worth nothing without the key it is bound to.
public struct SessionReply: Codable, Hashable, Sendable {
    public let token: String
    public let whoami: WhoAmI
    /// Made with a person's first factors: shown once, each counts once.
    public let recoveryCodes: [String]?
    public init(token: String, whoami: WhoAmI, recoveryCodes: [String]? = nil) {
        self.token = token
        self.whoami = whoami
        self.recoveryCodes = recoveryCodes
    }
}

/// Something about their account that a person should know, for a week.
public struct AccountNotice: Codable, Hashable, Sendable {
    /// `attempts-locked`, `recovery-code-used`, `authenticator-replaced`, `device-ended`, `key-added`,
    /// `sign-in-denied`, `passkey-added`, `passkey-removed`, `sign-count-fell`, `recovery-asked`, `recovered` and so on.
    public let kind: String
    /// One sentence.
    public let text: String
    /// Seconds since 1970; the last time.
    public let at: UInt64
    /// Numeric address that it came from.
    public let source: String
    public init(kind: String, text: String, at: UInt64, source: String) {
        self.kind = kind
        self.text = text
        self.at = at
        self.source = source
    }
}

/// Who the caller is to the authority: `GET /v1/session`.
public struct WhoAmI: Codable, Hashable, Sendable {
    public let identity: String
    public let device: String?
    public let sessionID: String
    /// Factor → seconds since 1970 when it was last shown.
    public let factors: [String: UInt64]
    /// Roles on the authority: admin, enroller, auditor, helpdesk.
    public let roles: [String]
    public let signedInAt: UInt64
    /// The session ends then whatever happens (12 h), seconds since 1970.
    public let notAfter: UInt64
    /// Whether it can do nothing but set up or show a second factor.
    public let limited: Bool?
    /// In `GET /v1/session` alone.
    public let notices: [AccountNotice]?
    /// In `GET /v1/session` alone; absent where there never were any.
    public let recoveryCodesLeft: UInt64?
    public init(
        identity: String, device: String?, sessionID: String, factors: [String: UInt64], roles: [String],
        signedInAt: UInt64, notAfter: UInt64, limited: Bool? = nil, notices: [AccountNotice]? = nil,
        recoveryCodesLeft: UInt64? = nil
    ) {
        self.identity = identity
        self.device = device
        self.sessionID = sessionID
        self.factors = factors
        self.roles = roles
        self.signedInAt = signedInAt
        self.notAfter = notAfter
        self.limited = limited
        self.notices = notices
        self.recoveryCodesLeft = recoveryCodesLeft
    }
}
