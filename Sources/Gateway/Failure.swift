import Authority
import AuthorityAPI
import HTTPTypes

/// What a failed request answers, and what the log is told. The only place where errors become HTTP.
struct Failure: Sendable {
    enum Gravity: Sendable { case refused, failed }

    let status: Int
    let code: String
    let advice: String
    let detail: String?
    /// Which factors to show, where that would help.
    var factors: [String]?
    /// The request that waits for approvals.
    var request: UInt64?
    /// Further header fields that this status asks for.
    var fields: [(HeaderName, String)] = []
    var gravity = Gravity.refused
    /// For the log only: what happened inside.
    var cause: String?

    /// The answer's body (RFC 9457).
    func problem(requestID: String) -> Problem {
        Problem(
            code: code, title: advice, status: status, detail: detail, requestID: requestID, factors: factors,
            request: request)
    }
}

extension Failure {
    init(_ error: any Error) {
        switch error {
        case let error as AuthorityError: self = Failure.of(error)
        case let error as DoorError: self = Failure.of(error)
        case let error as DPoPError: self = Failure.of(error)
        case let error as APICodingError: self = Failure(.badRequest, "\(error)")
        case let error as SCIMError: self = Failure(error.status, Failure.code(of: error), "", error.detail)
        default: self = Failure(.unavailable, cause: "\(error)")
        }
    }

    private init(_ refusal: Refusal, _ detail: String? = nil, cause: String? = nil) {
        status = refusal.status
        code = refusal.rawValue
        advice = refusal.advice
        self.detail = detail.flatMap { $0.isEmpty ? nil : $0 }
        self.cause = cause
        gravity = cause == nil ? .refused : .failed
        if status == 503 { fields = [(.retryAfter, "2")] }
        if refusal == .slowDown { fields = [(.retryAfter, "5")] }
        if refusal == .notSignedIn {
            fields = [(.wwwAuthenticate, #"DPoP error="invalid_token", algs="ES256""#)]
        }
        if refusal == .proofInvalid {
            fields = [(.wwwAuthenticate, #"DPoP error="invalid_dpop_proof", algs="ES256""#)]
        }
    }

    private init(_ refused: Refused) {
        self.init(refused.refusal, refused.detail)
        factors = refused.factors.isEmpty ? nil : refused.factors.map(\.rawValue)
        request = refused.request
    }

    private init(_ status: Int, _ code: String, _ advice: String, _ detail: String? = nil) {
        self.status = status
        self.code = code
        self.advice = advice
        self.detail = detail
    }

    private static func of(_ error: AuthorityError) -> Failure {
        switch error {
        case .refused(let refused): return Failure(refused)
        case .store(.busy), .hashing(.busy): return Failure(.busy)
        case .store(let error): return Failure(.unavailable, cause: "store: \(error)")
        case .signer(.sealed): return Failure(.signerSealed)
        case .signer(let error): return Failure(.unavailable, cause: "signer: \(error)")
        case .hashing(let error): return Failure(.unavailable, cause: "hashing: \(error)")
        case .sealing(let error): return Failure(.unavailable, cause: "sealing: \(error)")
        case .mismatch(let reason): return Failure(.unavailable, cause: "mismatch: \(reason)")
        case .replayed: return Failure(.unavailable, cause: "a replayed reply reached the map of errors")
        }
    }

    private static func of(_ error: DoorError) -> Failure {
        switch error {
        case .wrongHost:
            return Failure(421, "wrong-host", "Call this server by the name that its links show.")
        case .badRequest(let detail): return Failure(.badRequest, detail)
        case .noSuchRoute:
            return Failure(404, Refusal.notFound.rawValue, "Check the address: openapi.yaml lists all.")
        case .wrongMethod(let allowed):
            var failure = Failure(
                405, "wrong-method", "Use the method that openapi.yaml names for this address.")
            failure.fields = [(.allow, allowed.joined(separator: ", "))]
            return failure
        case .bodyTooLarge(let limit):
            return Failure(413, "body-too-large", "Send less.", "body: more than \(limit) bytes")
        case .wrongMediaType(let wanted):
            return Failure(415, "wrong-media-type", "Send it with Content-Type: \(wanted).")
        case .noProof: return Failure(.notSignedIn)
        case .badVoucher(let error):
            return Failure(.proofInvalid, "\(APIHeader.door): \(Failure.of(error).detail ?? "")")
        case .proofUsed: return Failure(.proofInvalid, "this proof was used before")
        case .otherNonce:
            var failure = Failure(
                401, "use-dpop-nonce",
                "Send a fresh DPoP proof with the nonce of this answer's DPoP-Nonce, or without.")
            failure.fields = [(.wwwAuthenticate, #"DPoP error="use_dpop_nonce", algs="ES256""#)]
            return failure
        case .tooMany(let seconds):
            var failure = Failure(
                429, "too-many-requests", "Wait as long as Retry-After says, then go on more slowly.")
            failure.fields = [(.retryAfter, String(seconds))]
            return failure
        case .full(let table): return Failure(.busy, "too many at once: \(table)")
        }
    }

    private static func of(_ error: DPoPError) -> Failure {
        switch error {
        case .tooOld(let seconds): Failure(.proofInvalid, "made \(seconds) s ago by this machine's clock")
        case .fromTheFuture(let seconds):
            Failure(.proofInvalid, "made \(seconds) s in the future by this machine's clock")
        case .malformed(let member): Failure(.proofInvalid, "malformed: \(member)")
        case .tooLong, .wrongType, .wrongAlgorithm, .criticalMember, .privateKey, .badKey, .wrongMethod,
            .wrongURL,
            .badID, .wrongToken, .unexpectedToken, .badSignature, .cannotSign:
            Failure(.proofInvalid, "\(error)")
        }
    }
}

extension Failure {
    /// What the log and the metrics call it; SCIM has names of its own.
    private static func code(of error: SCIMError) -> String {
        switch error.status {
        case 404: Refusal.notFound.rawValue
        case 405: "wrong-method"
        case 409: Refusal.alreadyExists.rawValue
        case 412: Refusal.resourceMoved.rawValue
        default: Refusal.badRequest.rawValue
        }
    }

    /// Every code that an answer can carry.
    static let codes =
        Refusal.allCases.map(\.rawValue) + [
            "wrong-host", "wrong-method", "body-too-large", "wrong-media-type", "too-many-requests",
            "use-dpop-nonce",
        ]
}

extension Refusal {
    /// The HTTP status that carries it.
    var status: Int {
        switch self {
        case .badRequest, .badName, .badLifetime: 400
        case .notSignedIn, .proofInvalid, .signInFailed: 401
        case .linkInvalid, .identitySuspended, .keyRevoked, .noGrant, .hostNotGranted, .principalNotGranted,
            .scopeNotGranted, .hostClockWrong, .doorNotGranted, .deviceRequired, .factorRequired,
            .factorTooOld,
            .sessionLimited, .passwordExpired,
            .recoveryNotGranted, .approvalRequired, .approverRequired, .governanceLocked,
            .loginMissing,
            .adminRequired,
            .certificateRefused, .upstreamRefused:
            403
        case .notFound: 404
        case .resourceMoved: 412
        case .conversationOver, .alreadyExists, .keyTaken, .lastAdmin, .policyMoved, .stateChange,
            .requestClosed, .requestsLimited:
            409
        case .weakPassword, .keyTooWeak, .hardwareKeyRequired, .policyInvalid, .policyTestsFailed,
            .idempotencyMismatch, .signatureInvalid:
            422
        case .slowDown: 429
        case .busy, .unavailable, .upstreamUnavailable, .signerSealed: 503
        }
    }
}
