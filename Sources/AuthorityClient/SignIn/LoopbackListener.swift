import AuthorityAPI
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Where the browser of this machine brings the answer of an identity provider (RFC 8252 §7.3): one request, of this
/// sign-in, to 127.0.0.1.
package struct LoopbackListener: Sendable {
    private typealias Connection = NIOAsyncChannel<
        HTTPServerRequestPart, HTTPPart<HTTPResponseHead, IOData>
    >

    /// `http://127.0.0.1:PORT/callback/NAME`
    package let redirect: String
    private let host: String
    private let path: String
    private let server: NIOAsyncChannel<Connection, Never>

    /// - Parameters:
    ///   - ports: The first that is free is taken; any where empty.
    ///   - place: The address without a port, as the authority says it.
    /// - Throws: ``ClientError/unreachable(_:)`` where none is; ``ClientError/badReply(_:)`` for another place.
    package init(ports: [UInt16], at place: String) async throws(ClientError) {
        guard place.hasPrefix(Self.local), let path = Self.path(place.dropFirst(Self.local.count)) else {
            throw .badReply("the authority sends the browser to another place than this machine")
        }
        self.path = path
        for port in ports.isEmpty ? [0] : ports {
            guard let server = try? await Self.listen(Int(port)), let port = server.channel.localAddress?.port
            else { continue }
            self.server = server
            host = "127.0.0.1:\(port)"
            redirect = "http://\(host)\(path)"
            return
        }
        throw .unreachable("none of the ports that the provider knows is free: \(ports)")
    }

    private static let local = "http://127.0.0.1"

    /// Nothing that would read otherwise in a request line.
    private static func path(_ text: Substring) -> String? {
        let isPlain = text.utf8.allSatisfy {
            (48...57).contains($0) || (97...122).contains($0) || "/-._".utf8.contains($0)
        }
        return text.hasPrefix("/") && isPlain && text.utf8.count <= 128 ? String(text) : nil
    }

    /// Waits for the request that has this state, and answers all others with an error.
    ///
    /// - Returns: `state`, `code`, `iss` and `error`, those that came.
    /// - Throws: `CancellationError`, or what the system says.
    package func answer(state: String) async throws -> [String: String] {
        try await server.executeThenClose { connections in
            try await withThrowingTaskGroup(of: Void.self) { group in
                let (answers, sink) = AsyncStream.makeStream(of: [String: String].self)
                group.addTask {
                    defer { sink.finish() }
                    // Side by side: browsers open connections in advance on which nothing comes. They end with the sign-in.
                    try await withThrowingDiscardingTaskGroup { visitors in
                        for try await connection in connections {
                            visitors.addTask {
                                if let answer = await self.answer(of: connection, state) {
                                    sink.yield(answer)
                                }
                            }
                        }
                    }
                }
                for await answer in answers {
                    group.cancelAll()
                    return answer
                }
                throw CancellationError()
            }
        }
    }

    private static func listen(_ port: Int) async throws -> NIOAsyncChannel<Connection, Never> {
        try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
    }

    /// What it brings counts, also where the browser leaves before it has the whole page.
    private func answer(of connection: Connection, _ state: String) async -> [String: String]? {
        let answers = Mutex<[String: String]?>(nil)
        try? await connection.executeThenClose { input, output in
            var parts = input.makeAsyncIterator()
            guard case .head(let head)? = try await parts.next() else { return }
            let answer = self.answer(to: head, state)
            answers.withLock { $0 = answer }
            try await Self.write(
                answer == nil ? .notFound : .ok, answer == nil ? Self.refusal : Self.thanks, output)
        }
        return answers.withLock { $0 }
    }

    private static func write(
        _ status: HTTPResponseStatus, _ page: String,
        _ output: NIOAsyncChannelOutboundWriter<HTTPPart<HTTPResponseHead, IOData>>
    ) async throws {
        let page = Array(page.utf8)
        var head = HTTPResponseHead(version: .http1_1, status: status)
        head.headers = HTTPHeaders([
            ("Content-Type", "text/html; charset=utf-8"), ("Content-Length", "\(page.count)"),
            ("Content-Security-Policy", "default-src 'none'"), ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("Connection", "close"),
        ])
        try await output.write(contentsOf: [
            .head(head), .body(.byteBuffer(ByteBuffer(bytes: page))), .end(nil),
        ])
    }

    /// Only what the provider would send: a page of somebody else's cannot end the sign-in, nor steer it.
    private func answer(to head: HTTPRequestHead, _ state: String) -> [String: String]? {
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard head.method == .GET, head.headers["Host"] == [host], parts.first == path[...],
            parts.count == 2, let query = parts.last, query.utf8.count <= 16_384
        else { return nil }
        var found: [String: String] = [:]
        for pair in query.split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = sides.first.map(String.init), ["state", "code", "iss", "error"].contains(name)
            else { continue }
            guard found[name] == nil, let value = FormDecoding.text(sides.dropFirst().first ?? "") else {
                return nil
            }
            found[name] = value
        }
        return found["state"] == state && (found["code"] ?? found["error"]) != nil ? found : nil
    }

    private static let thanks = page("Signed in. You can close this page and go back to the terminal.")
    private static let refusal = page("This is not the page that you look for.")

    private static func page(_ text: String) -> String {
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>reeve</title><p>\(text)</p></html>\n"
    }
}

/// One side of `application/x-www-form-urlencoded`.
package enum FormDecoding {
    /// nil for a broken escape, or what is no UTF-8.
    package static func text(_ field: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = field.utf8.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(0x20)
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
