import Authority
import AuthorityAPI
import HTTPTypes
import Names
import SSHFormats

/// One request as the routes see it: proven, bounded, and still in the words of HTTP.
struct Call: Sendable {
    let route: Route
    let requestID: String
    /// Numeric address of the peer.
    let source: String
    let query: Query
    let body: [UInt8]
    /// As it came: pages know browsers by their cookies.
    let head: HTTPRequest
    let caller: Caller
    let claim: IdempotencyClaim?
    /// Whether a front door speaks for the caller.
    var isThroughDoor = false

    /// The body as a message.
    func message<T: Decodable>(_ type: T.Type) throws(APICodingError) -> T {
        try APICoding.decode(type, from: body)
    }

    /// Whoever proved a session or a registered key. Routes of other access never ask.
    var requester: Requester {
        get throws(DoorError) {
            guard case .requester(let requester, _) = caller else { throw .noProof }
            return requester
        }
    }

    /// The key of the proof.
    var key: PublicKey {
        get throws(DoorError) {
            switch caller {
            case .anyone: throw .noProof
            case .keyHolder(let key), .requester(_, let key): return key
            }
        }
    }

    /// Binds the outcome to the caller's Idempotency-Key, if there is one.
    func once<Value, Message: Encodable & SendableMetatype>(
        _ message: @escaping @Sendable (Value) -> Message
    ) -> Once<Value> {
        Once(claim: claim) { APICoding.encode(message($0)) }
    }

    /// The same for a message that writes itself.
    func once<Value, Message: JSONWritten & SendableMetatype>(
        _ message: @escaping @Sendable (Value) -> Message
    ) -> Once<Value> {
        Once(claim: claim) { APICoding.encode(message($0)) }
    }
}

/// Who calls, as far as the route needs to know.
enum Caller: Sendable {
    case anyone
    case keyHolder(PublicKey)
    case requester(Requester, PublicKey)

    /// What an Idempotency-Key belongs to.
    var scope: String {
        switch self {
        case .anyone: "anyone"
        case .keyHolder(let key): key.fingerprint.description
        case .requester(let requester, _): requester.identity.id.description
        }
    }
}
