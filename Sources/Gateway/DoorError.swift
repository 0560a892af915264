import AuthorityAPI

/// What the door itself refuses, before the authority is asked.
enum DoorError: Error, Hashable, Sendable {
    /// The `Host` field names another server.
    case wrongHost
    /// `query`, `body` or a header field is not as it should be; says how.
    case badRequest(String)
    case noSuchRoute
    /// The path is there for these methods only.
    case wrongMethod(allowed: [String])
    case bodyTooLarge(limit: Int)
    /// The body is not of this type.
    case wrongMediaType(String)
    /// No proof, or no token where one is needed.
    case noProof
    /// The front door's word on where the request comes from is not believed.
    case badVoucher(DPoPError)
    /// This very proof was used before.
    case proofUsed
    /// The proof names the nonce of another process, or of an earlier one.
    case otherNonce
    /// This address or identity asks too often; the next request may come after that many seconds.
    case tooMany(seconds: UInt64)
    /// A bounded table is full; try again.
    case full(String)
}
