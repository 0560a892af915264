import Authority
import AuthorityAPI
import HTTPTypes
import Hummingbird
import SSHFormats

/// Finds out who calls: proof, token, session (RFC 9449 §7).
struct DoorKeeper: Sendable {
    /// Longest token that is looked at, in bytes.
    private static let longestToken = 256

    let authority: Authority
    let now: @Sendable () -> UnixTime
    let tolerance: UInt64
    /// Of callers whose session or key is known.
    let proofs: ProofIDs
    /// Of strangers, apart, so that they cannot fill the other table.
    let strangers: ProofIDs
    private let headers = DPoPHeaders()

    init(authority: Authority, configuration: GatewayConfiguration, now: @escaping @Sendable () -> UnixTime) {
        self.authority = authority
        self.now = now
        tolerance = configuration.proofTolerance
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
            try take(proof, from: strangers)
            return .keyHolder(proof.key)
        case .host:
            let proof = try proof(of: route, request, token: nil)
            let requester = try await authority.sessions.authenticate(
                key: proof.key, source: source, requestID: requestID)
            try take(proof, from: proofs)
            return .requester(requester, proof.key)
        case .session:
            let token = try token(request)
            let proof = try proof(of: route, request, token: token)
            let requester = try await authority.sessions.authenticate(
                tokenHash: TokenHash.of(token), key: proof.key, source: source, requestID: requestID)
            try take(proof, from: proofs)
            return .requester(requester, proof.key)
        }
    }

    private func proof(of route: Route, _ request: HTTPRequest, token: String?) throws -> DPoPProof {
        let given = request.headerFields[values: .dpop]
        guard let header = given.first else { throw DoorError.noProof }
        guard given.count == 1 else { throw DPoPError.malformed("one proof") }
        let host = request.authority ?? ""
        return try DPoPProof(
            verifying: header, method: route.method, url: "https://\(host)\(route.path)", token: token,
            now: now(), tolerance: tolerance, headers: headers)
    }

    private func take(_ proof: DPoPProof, from table: ProofIDs) throws(DoorError) {
        try table.take(proof.id, by: proof.key, issuedAt: proof.issuedAt, now: now())
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
