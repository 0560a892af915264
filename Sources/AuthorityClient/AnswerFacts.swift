import AuthorityAPI
import NIOHTTP1

/// What every answer says about itself beside its message (``APIHeader``).
public struct AnswerFacts: Hashable, Sendable {
    public let status: Int
    public let requestID: String?
    /// Index of the ledger event that the call made.
    public let ledgerIndex: UInt64?
    /// The next checkpoint covers at least this many events.
    public let treeSize: UInt64?
    public let serial: UInt64?
    /// Seconds after which a server that has no time wants to be asked again (RFC 9110 §10.2.3).
    public let retryAfter: UInt64?
    /// What the next proof for this server may name (RFC 9449 §8.2).
    public let nonce: String?

    init(status: Int, headers: HTTPHeaders) {
        self.status = status
        requestID = headers.first(name: APIHeader.requestID)
        ledgerIndex = headers.first(name: APIHeader.ledgerIndex).flatMap(UInt64.init)
        treeSize = headers.first(name: APIHeader.treeSize).flatMap(UInt64.init)
        serial = headers.first(name: APIHeader.serial).flatMap(UInt64.init)
        nonce = headers.first(name: APIHeader.dpopNonce)
        retryAfter = headers.first(name: "Retry-After").flatMap(UInt64.init)
    }
}
