import NIOCore
import NIOPosix
import Testing

@testable import SignIn

@Suite struct `The way to a provider` {
    private func ask(
        _ behaviour: HostileServer.Behaviour, seconds: Int64 = 300
    ) async throws -> Result<ProviderAnswer, ProviderFault> {
        try await HostileServer.run(behaviour) { port in
            let transport = try HTTPTransport(seconds: seconds)
            let url = try ProviderURL("http://127.0.0.1:\(port)/keys")
            let result: Result<ProviderAnswer, ProviderFault>
            do throws(ProviderFault) { result = .success(try await transport.get(url, bearer: nil)) } catch {
                result = .failure(error)
            }
            await transport.close()
            return result
        }
    }

    @Test func `brings an answer`() async throws {
        let answer = try await ask(.once("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"))
        #expect(try answer.get() == ProviderAnswer(status: 200, body: Array("{}".utf8)))
    }

    @Test func `follows no redirect (J09)`() async throws {
        let answer = try await ask(
            .once("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"))
        #expect(try answer.get().status == 302)
    }

    @Test func `ends where an answer does not (J09)`() async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n"
        #expect(
            try await ask(.endless(head))
                == .failure(.unavailable(reason: "an answer of more than 262144 bytes")))
    }

    @Test func `waits no longer than it may, for silence and for a trickle (J09)`() async throws {
        for behaviour in [HostileServer.Behaviour.once(""), .trickle("HTTP/1.1 200 OK\r\n\r\n")] {
            guard case .failure(.unavailable) = try await ask(behaviour, seconds: 1) else {
                Issue.record("answered")
                return
            }
        }
    }
}

/// A server that says whatever it likes, to whoever connects.
enum HostileServer {
    enum Behaviour: Sendable {
        case once(String)
        /// A head, and then bytes for as long as somebody reads.
        case endless(String)
        /// A head, and then a byte every 50 ms.
        case trickle(String)
    }

    /// Runs it while `use` is at work.
    static func run<Value: Sendable>(
        _ behaviour: Behaviour, _ use: (Int) async throws -> Value
    ) async throws -> Value {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let port = try #require(server.channel.localAddress?.port)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await server.executeThenClose { connections in
                    for try await connection in connections {
                        try? await connection.executeThenClose { input, output in
                            var requests = input.makeAsyncIterator()
                            guard try await requests.next() != nil else { return }
                            try await answer(behaviour, output)
                            // Until the other side is gone.
                            while try await requests.next() != nil {}
                        }
                    }
                }
            }
            defer { group.cancelAll() }
            return try await use(port)
        }
    }

    private static func answer(
        _ behaviour: Behaviour, _ output: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws {
        switch behaviour {
        case .once(let text):
            try await output.write(ByteBuffer(string: text))
        case .endless(let head):
            try await output.write(ByteBuffer(string: head))
            while true { try await output.write(ByteBuffer(repeating: 0x20, count: 65_536)) }
        case .trickle(let head):
            try await output.write(ByteBuffer(string: head))
            while true {
                try await output.write(ByteBuffer(string: " "))
                try await Task.sleep(for: .milliseconds(50))  // polls: nothing; slowness is what is tried
            }
        }
    }
}
