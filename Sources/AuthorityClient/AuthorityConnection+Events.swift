import AsyncHTTPClient
public import AuthorityAPI
import NIOCore
import NIOHTTP1

extension AuthorityConnection {
    /// Listens to a stream of server-sent events until the caller stops, the server ends it, or it falls silent. A server
    /// that gives none, or whose stream broke, comes last for a while: whoever asks again gets the next one.
    ///
    /// - Parameter retry: Told, each time that the server says so, after how many milliseconds it wants to be asked again
    ///   when the stream breaks.
    /// - Returns: A stream that ends normally when the server closes it, and otherwise throws ``ClientError`` or
    ///   ``ServerEventError``. It holds at most 64 events; of more that nobody takes, the oldest are dropped.
    public func events(
        _ route: Route, retry: @escaping @Sendable (UInt64) -> Void = { _ in }
    ) -> AsyncThrowingStream<ServerEvent, any Error> {
        AsyncThrowingStream(bufferingPolicy: .bufferingNewest(64)) { continuation in
            let task = Task {
                do {
                    try await listen(route, retry) { continuation.yield($0) }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private func listen(
        _ route: Route, _ retry: (UInt64) -> Void, _ take: (ServerEvent) -> Void
    ) async throws {
        var last = ClientError.unreachable("no server is known")
        for server in order.next {
            var stood = false
            do {
                return try await listen(route, at: server, nonces[server], retry) { event in
                    stood = true
                    if let event { take(event) }
                }
            } catch let error as ClientError {
                guard error.movesOn else { throw error }
                order.failed(server)
                guard !stood else { throw error }
                last = error
            }
        }
        throw last
    }

    /// - Parameter take: Given nil once the stream stands.
    private func listen(
        _ route: Route, at server: ServerAddress, _ nonce: String?, _ retry: (UInt64) -> Void,
        _ take: (ServerEvent?) -> Void
    ) async throws {
        var call = PreparedCall(route)
        call.accepts = "text/event-stream"
        let request = try request(call, to: server, nonce: nonce)
        do {
            let response = try await client.execute(request, deadline: .distantFuture)
            let facts = AnswerFacts(status: Int(response.status.code), headers: response.headers)
            nonces.learn(facts, from: server)
            guard facts.status == 200 else {
                let error = Self.refusal(Array(buffer: try await response.body.collect(upTo: 65_536)), facts)
                guard nonce != nil, error.wantsOtherNonce else { throw error }
                return try await listen(route, at: server, nil, retry, take)
            }
            take(nil)
            var parser = ServerEventParser()
            for try await buffer in response.body {
                let events = try parser.feed(buffer.readableBytesView)
                if let milliseconds = parser.retry { retry(milliseconds) }
                for event in events { take(event) }
            }
        } catch let error
            where !(error is ClientError || error is ServerEventError || error is CancellationError)
        {
            switch ConnectionFault(error) {
            case .lost(let text), .unreachable(let text): throw ClientError.unreachable("\(server): \(text)")
            case .untrusted(let text): throw ClientError.untrusted("\(server): \(text)")
            }
        }
    }
}
