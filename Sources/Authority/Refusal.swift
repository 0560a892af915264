/// What the caller may be told. The raw value is the stable code of the API; ``advice`` says what to do next.
package enum Refusal: String, Error, Hashable, Sendable, CaseIterable {
    case badRequest = "bad-request"
    case badName = "bad-name"
    case badLifetime = "bad-lifetime"
    case notSignedIn = "not-signed-in"
    case proofInvalid = "proof-invalid"
    case signInFailed = "sign-in-failed"
    case conversationOver = "conversation-over"
    case slowDown = "slow-down"
    case passwordExpired = "password-expired"
    case weakPassword = "weak-password"
    case linkInvalid = "link-invalid"
    case identitySuspended = "identity-suspended"
    case notFound = "not-found"
    case alreadyExists = "already-exists"
    case keyTaken = "key-taken"
    case keyTooWeak = "key-too-weak"
    case hardwareKeyRequired = "hardware-key-required"
    case keyRevoked = "key-revoked"
    case noGrant = "no-grant"
    case hostNotGranted = "host-not-granted"
    case principalNotGranted = "principal-not-granted"
    case scopeNotGranted = "scope-not-granted"
    case hostClockWrong = "host-clock-wrong"
    case doorNotGranted = "door-not-granted"
    case deviceRequired = "device-required"
    case factorRequired = "factor-required"
    case sessionLimited = "session-limited"
    case factorTooOld = "factor-too-old"
    case recoveryNotGranted = "recovery-not-granted"
    case approvalRequired = "approval-required"
    case approverRequired = "approver-required"
    case requestClosed = "request-closed"
    case requestsLimited = "requests-limited"
    case governanceLocked = "governance-locked"
    case signatureInvalid = "signature-invalid"
    case loginMissing = "login-missing"
    case adminRequired = "admin-required"
    case lastAdmin = "last-admin"
    case policyInvalid = "policy-invalid"
    case policyTestsFailed = "policy-tests-failed"
    case policyMoved = "policy-moved"
    case certificateRefused = "certificate-refused"
    case stateChange = "state-change"
    case resourceMoved = "resource-moved"
    case idempotencyMismatch = "idempotency-mismatch"
    case signerSealed = "signer-sealed"
    case upstreamRefused = "upstream-refused"
    case upstreamUnavailable = "upstream-unavailable"
    case busy = "busy"
    case unavailable = "unavailable"

    /// One sentence: what to do next.
    package var advice: String {
        switch self {
        case .badRequest: "Correct the request; the detail names the field."
        case .badName: "Use lower-case ASCII letters, digits, dot, hyphen and underscore."
        case .badLifetime: "Ask for at least one second and at most what the grant allows."
        case .notSignedIn: "Sign in with `reeve login`."
        case .proofInvalid: "Send a fresh DPoP proof for this method and address; check this machine's clock."
        case .signInFailed: "Check the name and each factor that you gave, wait a minute, and try again."
        case .conversationOver: "Start the sign-in again."
        case .slowDown: "Wait as long as Retry-After says, then answer the same again."
        case .passwordExpired:
            "Change the password where it belongs, which asks for a new one, and sign in again."
        case .weakPassword: "Choose 12 to 1024 bytes that are not a well-known password."
        case .linkInvalid:
            "Ask for a new link: they last 15 minutes and belong to the key that first used them."
        case .identitySuspended: "Ask an admin to resume this identity."
        case .notFound: "Check the name; `reeve host list` and `reeve person list` show those you may see."
        case .alreadyExists: "Choose another name, or use what exists."
        case .keyTaken: "Make a new key: this one is registered already, or belongs to another identity."
        case .keyTooWeak: "Use Ed25519, ECDSA P-256 or RSA of at least 3072 bits."
        case .hardwareKeyRequired: "Use a key of a FIDO token, made with `ssh-keygen -t ed25519-sk`."
        case .keyRevoked: "Make a new key: this one is revoked."
        case .noGrant: "Ask an admin for a grant; `reeve explain` shows what would be needed."
        case .hostNotGranted: "Ask an admin to add this host or one of its labels to a grant of yours."
        case .principalNotGranted: "Use a login that the grant names, or ask an admin to add this one."
        case .scopeNotGranted: "Ask for the scope that the grant gives."
        case .hostClockWrong:
            "Have the host's clock set (`timedatectl set-ntp true` there); its agent tells the authority at once."
        case .doorNotGranted: "Use `reeve`, or ask an admin to let this grant be used through the front door."
        case .deviceRequired: "Sign in from an enrolled device: `reeve enrol`."
        case .factorRequired: "Sign in again with `reeve login` so that the factors are fresh enough."
        case .sessionLimited: "Set up a new second factor first: `reeve factor totp`."
        case .factorTooOld: "Show the factor again: `reeve login`."
        case .recoveryNotGranted:
            "Use a recovery code (`reeve login --recovery`), or ask an admin: the policy's `recovery:` says who may vouch for whom."
        case .approvalRequired:
            "Have it approved (`reeve approve NUMBER` by those named), then ask for the same again; --wait does both."
        case .approverRequired: "Leave it to somebody else whom the grant's approve.by names."
        case .governanceLocked: "Ask an admin: `reeve governance` names the rule and what would end it."
        case .requestClosed: "See `reeve requests show NUMBER`; what it was for must be asked for again."
        case .requestsLimited: "Use those that wait, or take some back: `reeve deny NUMBER`."
        case .signatureInvalid:
            "Sign this very request with the key of your enrolled device: `reeve approve`."
        case .loginMissing: "Ask an admin to set the person's login."
        case .adminRequired: "Ask somebody whose grant on the authority covers this act, or sign in again."
        case .lastAdmin: "Make another admin first."
        case .policyInvalid: "Mend the policy; the detail names line and reason."
        case .policyTestsFailed: "Mend the policy or its tests; the detail names those that failed."
        case .policyMoved: "Read the policy again: somebody applied another one meanwhile."
        case .certificateRefused: "Nothing was issued; an admin finds the reason by the request id."
        case .stateChange: "Look at the present state: this change is not possible from it."
        case .resourceMoved: "Read it again: somebody changed it meanwhile."
        case .idempotencyMismatch: "Use a new Idempotency-Key for a different request."
        case .signerSealed: "Ask an admin to unlock the signer: nothing can be signed until then."
        case .upstreamRefused:
            "Sign in at the identity provider again; if it refuses you, ask its administrators."
        case .upstreamUnavailable: "Try again once the identity provider can be reached."
        case .busy: "Try again in a few seconds."
        case .unavailable: "Try again; if it lasts, an admin finds the reason by the request id."
        }
    }
}

/// A refusal with what it was about, e.g. which name. The detail never holds a secret.
package struct Refused: Error, Hashable, Sendable {
    package let refusal: Refusal
    package let detail: String
    /// Which factors to show, where that would help.
    package let factors: [Factor]
    /// The request that waits for people, where there is one.
    package let request: UInt64?

    package init(
        _ refusal: Refusal, _ detail: String = "", factors: [Factor] = [], request: UInt64? = nil
    ) {
        self.refusal = refusal
        self.detail = detail
        self.factors = factors
        self.request = request
    }
}
