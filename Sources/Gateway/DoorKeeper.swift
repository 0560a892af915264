import Authority
import AuthorityAPI
import HTTPTypes
import Hummingbird
import SSHFormats

/// Finds out who calls: proof, token, session (RFC 9449 §7).
struct DoorKeeper: Sendable {
    /// Longest token that is looked at, in bytes.
    private static let longestToken = 256
    /// Seconds by which the clocks of two servers may differ before one of them forgets a proof that the other would
    /// still take.
    private static let clockDifference: UInt64 = 300

    let authority: Authority
    let now: @Sendable () -> UnixTime
    let tolerance: UInt64
    /// Of callers whose session or key is known.
    let proofs: ProofIDs
    /// Of strangers, apart, so that they cannot fill the other table; and of each network its share.
    let strangers: ProofIDs
    /// As ``GatewayConfiguration/nonce`` says.
    let nonce: String?
    /// Seconds after its `iat` for which a proof that was used stays in the store.
    private let claimTime: Int64
    private let headers = DPoPHeaders()

    init(authority: Authority, configuration: GatewayConfiguration, now: @escaping @Sendable () -> UnixTime) {
        self.authority = authority
        self.now = now
        tolerance = configuration.proofTolerance
        nonce = configuration.nonce
        claimTime = Int64(
            clamping: tolerance + (configuration.isShared ? DoorKeeper.clockDifference : 0))
        proofs = ProofIDs(limit: configuration.mostProofs, tolerance: tolerance)
        strangers = ProofIDs(limit: configuration.mostProofsOfStrangers, tolerance: tolerance)
    }

    /// - Throws: ``DPoPError``, ``DoorError``, `AuthorityError`.
    func caller(
        of route: Route, _ request: HTTPRequest, source: String, requestID: String
    ) async throws -> Caller {
        switch route.access {
        case .anyone:
            return .anyone
        case .keyHolder:
            let proof = try proof(of: route, request, token: nil)
            try await take(proof, of: SourceNetwork.of(source), from: strangers)
            return .keyHolder(proof.key)
        case .host:
            do {
                let proof = try proof(of: route, request, token: nil)
                let requester = try await authority.sessions.authenticate(
                    key: proof.key, source: source, requestID: requestID)
                try await take(proof, from: proofs)
                await authority.hostClocks.note(requester.identity.id, said: proof.issuedAt)
                return .requester(requester, proof.key)
            } catch let error as DPoPError where error.isAboutTime {
                await noteClock(of: route, request, source: source, requestID: requestID)
                throw error
            }
        case .session:
            let token = try token(request)
            let proof = try proof(of: route, request, token: token)
            let requester = try await authority.sessions.authenticate(
                tokenHash: TokenHash.of(token), key: proof.key, source: source, requestID: requestID,
                need: route.takesLimitedSession ? .any : .full)
            try await take(proof, from: proofs)
            return .requester(requester, proof.key)
        }
    }

    /// A host whose proof is of another time is refused, and its clock noted, if the proof was made for this very process:
    /// an old one that somebody kept says nothing.
    private func noteClock(
        of route: Route, _ request: HTTPRequest, source: String, requestID: String
    ) async {
        guard let proof = try? proof(of: route, request, token: nil, tolerance: .max), proof.nonce == nonce,
            let requester = try? await authority.sessions.authenticate(
                key: proof.key, source: source, requestID: requestID)
        else { return }
        await authority.hostClocks.note(requester.identity.id, said: proof.issuedAt)
    }

    private func proof(
        of route: Route, _ request: HTTPRequest, token: String?, tolerance: UInt64? = nil
    ) throws -> DPoPProof {
        let given = request.headerFields[values: .dpop]
        guard let header = given.first else { throw DoorError.noProof }
        guard given.count == 1 else { throw DPoPError.malformed("one proof") }
        let host = request.authority ?? ""
        let proof = try DPoPProof(
            verifying: header, method: route.method, url: "https://\(host)\(route.path)", token: token,
            now: now(), tolerance: tolerance ?? self.tolerance, headers: headers)
        if let nonce, let named = proof.nonce, named != nonce { throw DoorError.otherNonce }
        return proof
    }

    /// A proof that names this process counts nowhere else, so its id is remembered here. One that names none could be
    /// shown to another server of the same name as well, or to this one when it was started anew: of those the database
    /// decides.
    private func take(_ proof: DPoPProof, of network: String? = nil, from table: ProofIDs) async throws {
        try table.take(proof.id, by: proof.key, from: network, issuedAt: proof.issuedAt, now: now())
        guard nonce != nil, proof.nonce == nil else { return }
        let hash = TokenHash.of("proof\n\(proof.key.fingerprint)\n\(proof.id)")
        let end = proof.issuedAt.advanced(by: claimTime)
        guard try await authority.idempotency.take(hash, until: end) else { throw DoorError.proofUsed }
    }

    /// `Authorization: DPoP <token>`.
    private func token(_ request: HTTPRequest) throws(DoorError) -> String {
        let given = request.headerFields[values: .authorization]
        guard let header = given.first, given.count == 1 else { throw .noProof }
        let parts = header.utf8.split(separator: UInt8(ascii: " "), maxSplits: 1)
        guard let scheme = parts.first, let token = parts.dropFirst().first,
            Substring(scheme).lowercased() == "dpop", token.count <= DoorKeeper.longestToken
        else { throw .noProof }
        return String(Substring(token))
    }
}

extension DPoPError {
    /// Whether nothing is known to be wrong but the time.
    fileprivate var isAboutTime: Bool {
        switch self {
        case .tooOld, .fromTheFuture: true
        default: false
        }
    }
}
