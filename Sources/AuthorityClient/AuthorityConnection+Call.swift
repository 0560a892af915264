import AsyncHTTPClient
public import AuthorityAPI
import NIOCore
import NIOHTTP1
import Names
import SSHFormats

extension AuthorityConnection {
    /// Calls a route that takes no body.
    ///
    /// - Throws: ``ClientError``.
    public func call<Reply: Decodable>(
        _ route: Route, query: [(name: String, value: String)] = [], as type: Reply.Type = Reply.self
    ) async throws(ClientError) -> (Reply, AnswerFacts) {
        let (bytes, facts) = try await bytes(route, query: query)
        return (try Self.decode(type, bytes), facts)
    }

    /// Sends a message and reads the answer. A lost answer is asked for again, once, with the same
    /// Idempotency-Key, and then of the next server.
    ///
    /// - Throws: ``ClientError``.
    public func call<Reply: Decodable>(
        _ route: Route, body: some Encodable, as type: Reply.Type = Reply.self
    ) async throws(ClientError) -> (Reply, AnswerFacts) {
        let (bytes, facts) = try await bytes(route, body: APICoding.encode(body))
        return (try Self.decode(type, bytes), facts)
    }

    /// The answer as it came, for routes that do not answer JSON (KRLs, checkpoints).
    ///
    /// - Throws: ``ClientError``.
    public func bytes(
        _ route: Route, query: [(name: String, value: String)] = [], body: [UInt8]? = nil
    ) async throws(ClientError) -> ([UInt8], AnswerFacts) {
        let call = PreparedCall(route, query: query, body: body)
        do throws(ClientError) { return try await answer(to: call) } catch { throw await diagnosed(error) }
    }

    private func answer(to call: PreparedCall) async throws(ClientError) -> ([UInt8], AnswerFacts) {
        let first = try await round(call)
        guard case .busy(let error, let seconds) = first else { return try first.answer() }
        guard let seconds, seconds <= limits.retryAfter else { throw error }
        try? await Task.sleep(for: .seconds(Double(seconds) * .random(in: 1...1.5)), clock: .continuous)
        return try await round(call).answer()
    }

    /// How one round over the servers ended.
    private enum Round {
        case answered([UInt8], AnswerFacts)
        /// No server has time; the one that answered last says when to come back, in seconds.
        case busy(ClientError, retryAfter: UInt64?)

        func answer() throws(ClientError) -> ([UInt8], AnswerFacts) {
            switch self {
            case .answered(let bytes, let facts): return (bytes, facts)
            case .busy(let error, _): throw error
            }
        }
    }

    /// Asks one server after the other, each with the same Idempotency-Key, until one of them decides.
    ///
    /// - Throws: What a server decided; else why the last one gave no answer, and rather that one is not trusted than
    ///   that others cannot be reached.
    private func round(_ call: PreparedCall) async throws(ClientError) -> Round {
        let servers = order.next
        var last = ClientError.unreachable("no server is known")
        var busy: Round?
        for (position, server) in servers.enumerated() {
            let isLast = position == servers.count - 1
            let seconds = isLast ? limits.request : limits.requestBeforeNext
            do throws(ClientError) {
                let (bytes, facts) = try await withOneRetry { () throws(ClientError) in
                    try await send(call, to: server, within: seconds)
                }
                guard (200..<300).contains(facts.status) else {
                    let error = Self.refusal(bytes, facts)
                    guard error.movesOn else { throw error }
                    busy = .busy(error, retryAfter: facts.retryAfter)
                    throw error
                }
                order.answered(server)
                return .answered(bytes, facts)
            } catch {
                guard error.movesOn else { throw error }
                order.failed(server)
                if case .untrusted = last { continue }
                last = error
            }
        }
        if let busy { return busy }
        throw last
    }

    private func withOneRetry<Value>(
        _ attempt: () async throws(ClientError) -> Value?
    ) async throws(ClientError) -> Value {
        if let value = try await attempt() { return value }
        if let value = try await attempt() { return value }
        throw .unreachable("the server closed the connection twice without an answer")
    }

    /// One attempt; nil when the connection was lost, so that the answer may exist. A server that wants another nonce in
    /// the proof did nothing, and is sent one with the nonce of its answer. Behind one name several may stand, each with
    /// a nonce of its own: in the end the proof names none, which each of them takes.
    private func send(
        _ call: PreparedCall, to server: ServerAddress, within seconds: Int64
    ) async throws(ClientError) -> ([UInt8], AnswerFacts)? {
        for _ in 0..<2 {
            let request = try request(call, to: server)
            guard let (bytes, facts) = try await exchange(request, server, within: seconds) else {
                return nil
            }
            guard facts.status == 401, Self.refusal(bytes, facts).wantsOtherNonce else {
                return (bytes, facts)
            }
        }
        return try await exchange(try request(call, to: server, nonce: nil), server, within: seconds)
    }

    private func exchange(
        _ request: HTTPClientRequest, _ server: ServerAddress, within seconds: Int64
    ) async throws(ClientError) -> ([UInt8], AnswerFacts)? {
        do {
            let response = try await client.execute(request, timeout: .seconds(seconds))
            let bytes = Array(buffer: try await response.body.collect(upTo: limits.reply))
            let facts = AnswerFacts(status: Int(response.status.code), headers: response.headers)
            nonces.learn(facts, from: server)
            return (bytes, facts)
        } catch {
            switch ConnectionFault(error) {
            case .lost: return nil
            case .unreachable(let text): throw .unreachable("\(server) cannot be reached (\(text))")
            case .untrusted(let text):
                throw .untrusted("\(server) does not prove to be the authority that was pinned (\(text))")
            }
        }
    }

    /// The request with a fresh proof; a proof counts once, so every attempt has its own.
    func request(_ call: PreparedCall, to server: ServerAddress) throws(ClientError) -> HTTPClientRequest {
        try request(call, to: server, nonce: nonces[server])
    }

    func request(
        _ call: PreparedCall, to server: ServerAddress, nonce: String?
    ) throws(ClientError) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: server.description + call.target)
        request.method = HTTPMethod(rawValue: call.route.method)
        request.headers = HTTPHeaders([("User-Agent", "reeve"), ("Accept", call.accepts)])
        if let body = call.body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body)
        }
        if call.route.method == "POST" {
            request.headers.add(name: APIHeader.idempotencyKey, value: call.idempotencyKey)
        }
        try prove(&request, call.route, url: server.description + call.route.path, nonce)
        return request
    }

    private func prove(
        _ request: inout HTTPClientRequest, _ route: Route, url: String, _ nonce: String?
    ) throws(ClientError) {
        guard route.access != .anyone else { return }
        guard let key else { throw .badRequest("\(route.path) needs the key of an enrolled device or host") }
        let proof = { (token: String?) throws(ClientError) -> String in
            do {
                return try key.proof(
                    method: route.method, url: url, token: token, nonce: nonce, now: UnixTime(now()))
            } catch {
                throw .badRequest("the proof for \(route.path) cannot be made")
            }
        }
        let show = { (proof: String, request: inout HTTPClientRequest) throws(ClientError) in
            request.headers.add(name: APIHeader.dpop, value: proof)
            guard let voucher, route.takesDoor else { return }
            request.headers.add(name: APIHeader.door, value: try voucher(proof))
        }
        guard route.access == .session else { return try show(try proof(nil), &request) }
        guard let token else { throw Self.notSignedIn }
        try token.withExposed { (token) throws(ClientError) in
            try show(try proof(token), &request)
            request.headers.add(name: "Authorization", value: "DPoP \(token)")
        }
    }

    /// What the server would say; it is not asked.
    private static let notSignedIn = ClientError.refused(
        Problem(
            code: "not-signed-in", title: "Sign in with `reeve login`.", status: 401, detail: nil,
            requestID: ""))

    private static func decode<Reply: Decodable>(
        _ type: Reply.Type, _ bytes: [UInt8]
    ) throws(ClientError) -> Reply {
        let text = bytes.isEmpty ? Array("{}".utf8) : bytes
        do { return try APICoding.decode(type, from: text, unknownFields: .ignored) } catch {
            throw .badReply("the server's answer is not of the contract (\(error))")
        }
    }

    static func refusal(_ bytes: [UInt8], _ facts: AnswerFacts) -> ClientError {
        if let problem = try? APICoding.decode(Problem.self, from: bytes, unknownFields: .ignored) {
            return .refused(problem)
        }
        return .badReply("the server answered with status \(facts.status) and no reason")
    }
}

/// An answer without content.
public struct EmptyReply: Codable, Hashable, Sendable {
    public init() {}
}

/// A call as it is sent, the same for every attempt but for its proof.
struct PreparedCall {
    let route: Route
    let target: String
    let body: [UInt8]?
    let idempotencyKey: String
    var accepts = "application/json, application/problem+json, */*"

    init(_ route: Route, query: [(name: String, value: String)] = [], body: [UInt8]? = nil) {
        self.route = route
        self.body = body
        let pairs = query.map { "\(Self.escaped($0.name))=\(Self.escaped($0.value))" }
        target = route.path + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
        let digits = (0..<2).map { _ in String(UInt64.random(in: 0 ... .max), radix: 16) }
        idempotencyKey = digits.map { String(repeating: "0", count: 16 - $0.count) + $0 }.joined()
    }

    /// RFC 3986 §2.3: all but the unreserved bytes as `%XX`.
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
