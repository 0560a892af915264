import AuthorityAPI
import HTTPTypes

/// The header fields that we read or write, made once.
typealias HeaderName = HTTPField.Name

extension HTTPField.Name {
    static let host = named("Host")
    static let dpop = named(APIHeader.dpop)
    static let door = named(APIHeader.door)
    static let dpopNonce = named(APIHeader.dpopNonce)
    static let idempotencyKey = named(APIHeader.idempotencyKey)
    static let requestID = named(APIHeader.requestID)
    static let ledgerIndex = named(APIHeader.ledgerIndex)
    static let treeSize = named(APIHeader.treeSize)
    static let serial = named(APIHeader.serial)
    static let noSniff = named("X-Content-Type-Options")
    static let referrer = named("Referrer-Policy")
    static let transport = named("Strict-Transport-Security")
    static let contentPolicy = named("Content-Security-Policy")
    static let openerPolicy = named("Cross-Origin-Opener-Policy")
    static let frames = named("X-Frame-Options")
    static let fetchSite = named("Sec-Fetch-Site")

    private static func named(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else {
            preconditionFailure("the names of our own header fields are tokens (RFC 9110 §5.1): \(text)")
        }
        return name
    }
}
