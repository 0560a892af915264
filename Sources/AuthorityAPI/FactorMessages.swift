/// Goes on with the sign-in conversation of the session: `POST /v1/session/step-up`; answers ``SignInReply`` with steps. The
/// answers go to `POST /v1/session/step-up/answer` as ``SignInAnswer``, which answers ``SignInReply``.
public struct StepUpRequest: Codable, Hashable, Sendable {
    /// What a refusal names in ``Problem/factors``: `password`, `totp`; `oidc:corp` where several are of a kind.
    public let factors: [String]
    public init(factors: [String]) { self.factors = factors }
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
