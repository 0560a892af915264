/// The published table of routes: what can be called, how, and by whom. `openapi.yaml` says the same.
public enum Route: String, Hashable, Sendable, CaseIterable {
    case livez = "GET /livez"
    case readyz = "GET /readyz"
    case metrics = "GET /metrics"
    case authority = "GET /v1/authority"
    case checkpoint = "GET /v1/ledger/checkpoint"
    case userKRL = "GET /v1/krl/user"
    case hostKRL = "GET /v1/krl/host"
    case signIn = "POST /v1/sign-in"
    case signInAnswer = "POST /v1/sign-in/answer"
    case browserPage = "GET /sign-in"
    case browserCode = "POST /sign-in"
    case browserReturn = "GET /sign-in/callback/{provider}"
    case enrol = "POST /v1/enrol"
    case enrolPerson = "POST /v1/enrol/person"
    case enrolHost = "POST /v1/enrol/host"
    case session = "GET /v1/session"
    case signOut = "POST /v1/session/end"
    case stepUp = "POST /v1/session/step-up"
    case stepUpAnswer = "POST /v1/session/step-up/answer"
    case recoveryCodes = "POST /v1/recovery-codes"
    case totp = "POST /v1/factors/totp"
    case totpFinish = "POST /v1/factors/totp/finish"
    case password = "POST /v1/factors/password"
    case sshKeyAdd = "POST /v1/factors/ssh-keys"
    case passkeys = "GET /v1/factors/passkeys"
    case passkeyAdd = "POST /v1/factors/passkeys"
    case passkeyFinish = "POST /v1/factors/passkeys/finish"
    case passkeyRemove = "POST /v1/factors/passkeys/remove"
    case passkeyPage = "GET /passkey"
    case passkeyLook = "POST /v1/passkey-page"
    case passkeyNumber = "POST /v1/passkey-page/number"
    case passkeyAnswer = "POST /v1/passkey-page/answer"
    case pendingSignIns = "GET /v1/sign-ins"
    case signInDecide = "POST /v1/sign-ins/decide"
    case reach = "GET /v1/reach"
    case certificates = "POST /v1/certificates"
    case certificateLook = "GET /v1/certificates"
    case governance = "GET /v1/governance"
    case requests = "GET /v1/requests"
    case requestsDecide = "POST /v1/requests/decide"
    case explain = "POST /v1/explain"
    case identities = "GET /v1/identities"
    case identityAdd = "POST /v1/identities"
    case identityStatus = "POST /v1/identities/status"
    case identityLink = "POST /v1/identities/link"
    case identityUpstream = "POST /v1/identities/upstream"
    case provisioners = "GET /v1/provisioners"
    case provisionerToken = "POST /v1/provisioners/token"
    case provisionerRevoke = "POST /v1/provisioners/revoke"
    case provisionerPerson = "POST /v1/provisioners/person"
    case revocations = "POST /v1/revocations"
    case keys = "GET /v1/keys"
    case keyReauthorize = "POST /v1/keys/reauthorize"
    case devices = "GET /v1/devices"
    case deviceStatus = "POST /v1/devices/status"
    case sessionList = "GET /v1/sessions"
    case sessionsEnd = "POST /v1/sessions/end"
    case signers = "GET /v1/signers"
    case policy = "GET /v1/policy"
    case policyApply = "POST /v1/policy"
    case policyHistory = "GET /v1/policy/history"
    case policyDiff = "POST /v1/policy/diff"
    case policyWho = "GET /v1/policy/who"
    case events = "GET /v1/ledger/events"
    case inclusion = "GET /v1/ledger/inclusion"
    case consistency = "GET /v1/ledger/consistency"
    case ca = "GET /v1/ca"
    case caRotate = "POST /v1/ca/rotate"
    case caWaive = "POST /v1/ca/waive"
    case hostCertificates = "POST /v1/host/certificates"
    case hostState = "GET /v1/host/state"
    case hostEvents = "GET /v1/host/events"
    case hostAcknowledgement = "POST /v1/host/acknowledgement"
    case hosts = "GET /v1/hosts"
    case enforcement = "GET /v1/enforcement"

    public var method: String { String(rawValue.prefix { $0 != " " }) }
    public var path: String { String(rawValue.drop { $0 != " " }.dropFirst()) }

    /// Who may call it. Grants on the authority are checked behind `.session`.
    public var access: RouteAccess {
        switch self {
        case .livez, .readyz, .metrics, .authority, .checkpoint, .consistency, .userKRL, .hostKRL,
            .passkeyPage, .passkeyLook, .passkeyNumber, .passkeyAnswer, .browserPage, .browserCode,
            .browserReturn:
            .anyone
        case .signIn, .signInAnswer, .enrol, .enrolPerson, .enrolHost: .keyHolder
        case .session, .signOut, .stepUp, .stepUpAnswer, .recoveryCodes, .totp, .totpFinish, .password,
            .sshKeyAdd, .passkeys, .passkeyAdd, .passkeyFinish, .passkeyRemove, .pendingSignIns,
            .signInDecide,
            .reach,
            .certificates, .certificateLook, .governance, .requests, .requestsDecide, .explain, .identities,
            .identityAdd,
            .identityStatus,
            .identityLink, .identityUpstream, .provisioners, .provisionerToken, .provisionerRevoke,
            .provisionerPerson, .revocations, .signers, .keys, .keyReauthorize, .devices, .deviceStatus,
            .sessionList, .sessionsEnd,
            .policy,
            .policyApply, .policyHistory, .policyDiff, .policyWho,
            .ca, .caRotate, .caWaive, .events, .inclusion, .hosts, .enforcement:
            .session
        case .hostCertificates, .hostState, .hostEvents, .hostAcknowledgement: .host
        }
    }
}

extension Route {
    /// Whether it can be called in a session in which no second factor was shown: it shows one, and does nothing else.
    public var takesLimitedSession: Bool {
        switch self {
        case .session, .signOut, .stepUp, .stepUpAnswer, .totp, .totpFinish: true
        default: false
        }
    }
}

extension Route {
    /// Whether it is an act on the authority, which a grant may let others agree to first. No such call holds a secret: what
    /// it says is shown to them.
    public var isAct: Bool {
        switch self {
        case .identityAdd, .identityStatus, .identityLink, .identityUpstream, .revocations, .policyApply,
            .keyReauthorize, .deviceStatus, .sessionsEnd, .passkeyRemove, .provisionerToken,
            .provisionerRevoke, .provisionerPerson, .caRotate, .caWaive:
            true
        default: false
        }
    }
}

extension Route {
    /// Whether the front door may call it for somebody: what a conversation with a person needs, and nothing else.
    public var takesDoor: Bool {
        switch self {
        case .signIn, .signInAnswer, .session, .signOut, .stepUp, .stepUpAnswer, .reach, .explain,
            .certificates:
            true
        default: false
        }
    }
}

extension Route {
    /// Whether a browser sends a form there, in place of JSON.
    public var takesForm: Bool { self == .browserCode }
}

/// How a caller proves who it is.
public enum RouteAccess: String, Hashable, Sendable {
    /// Nothing to prove; the answer is public.
    case anyone
    /// A DPoP proof by any P-256 key, which the outcome is bound to.
    case keyHolder
    /// `Authorization: DPoP <token>` and a proof by the session's key (RFC 9449 §7).
    case session
    /// A DPoP proof by the key that the host registered when it enrolled.
    case host
}

/// Header fields beyond the standard ones.
public enum APIHeader {
    public static let requestID = "Keyreeve-Request-Id"
    /// Index of the ledger event that this answer made.
    public static let ledgerIndex = "Keyreeve-Ledger-Index"
    /// The next signed checkpoint covers at least this many events, the one above included.
    public static let treeSize = "Keyreeve-Tree-Size"
    public static let serial = "Keyreeve-Serial"
    public static let idempotencyKey = "Idempotency-Key"
    public static let dpop = "DPoP"
    /// A front door says where the request comes from: see ``DoorVoucher``.
    public static let door = "Keyreeve-Door"
    /// What a proof may name, so that it is good at the server alone that gave it out (RFC 9449 §8.2).
    public static let dpopNonce = "DPoP-Nonce"
}
