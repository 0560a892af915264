import AuthorityAPI
import AuthorityClient
import NIOCore
import NIOHTTP1
import Posix
import SSHFormats

/// A request as it goes over the wire. Its proof counts once.
struct PreparedRequest: Sendable {
    let head: HTTPRequestHead
    let body: ByteBuffer
}

/// Makes requests for certificates, each for a key of its own, with its own proof and Idempotency-Key.
struct RequestMaker: Sendable {
    private let caller: Caller
    private let url: String
    private let host: String
    private let authority: String
    private let login: String
    private let nonce: String?
    private let route = Route.certificates

    /// - Parameter nonce: What the server wants proofs to name, if it said so.
    init(server: ServerAddress, caller: Caller, host: String, login: String, nonce: String?) {
        self.caller = caller
        self.host = host
        self.login = login
        self.nonce = nonce
        url = server.description + route.path
        authority = String(server.description.drop { $0 != "/" }.dropFirst(2))
    }

    /// Whether the server takes a request twice: one that looks at proofs does not.
    var mayRepeat: Bool { caller.isMadeUp }

    /// So many requests, or as many as these seconds allow: a proof is good for a minute.
    func prepare(_ count: Int, within seconds: UInt64) throws -> [PreparedRequest] {
        let deadline = MonotonicClock.now() + seconds * 1_000_000_000
        var requests: [PreparedRequest] = []
        while requests.count < count, MonotonicClock.now() < deadline { requests.append(try next()) }
        return requests
    }

    func next() throws -> PreparedRequest {
        let key = try PrivateKey.generate(.ed25519).publicKey
        let body = ByteBuffer(
            bytes: APICoding.encode(CertificateRequest(publicKey: key.text(), to: host, as: login)))
        let proof = try caller.key.proof(
            method: route.method, url: url, token: caller.token, nonce: nonce,
            now: UnixTime(WallClock.now()))
        let headers: HTTPHeaders = [
            "Host": authority, "Content-Type": "application/json", "Content-Length": "\(body.readableBytes)",
            "Authorization": "DPoP \(caller.token)", APIHeader.dpop: proof,
            APIHeader.idempotencyKey: Self.unique(),
        ]
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: route.path, headers: headers)
        return PreparedRequest(head: head, body: body)
    }

    private static func unique() -> String {
        "\(String(UInt64.random(in: 0 ... .max), radix: 16))-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
    }
}
