import Authority
import Logging
import NIOCore
import NIOSSL
import SSHFormats
import Synchronization
import Testing

@testable import Gateway

@Suite struct `The server's own certificate` {
    private static let get = "GET /livez HTTP/1.1\r\nHost: ca.example.com\r\n\r\n"

    /// A clock and the looks at it, both moved by the test.
    private final class Hands: Sendable {
        private let time = Mutex(UnixTime(0))
        private let looks = AsyncStream.makeStream(of: Void.self)
        private let pauses = AsyncStream.makeStream(of: Void.self)

        var now: UnixTime { time.withLock { $0 } }

        /// Called by the renewal: it has looked, and waits for the next look.
        func pause() async {
            pauses.continuation.yield()
            for await _ in looks.stream { return }
        }

        /// Waits until it has looked at the present time.
        func looked() async {
            for await _ in pauses.stream { return }
        }

        func move(to seconds: UInt64) async {
            time.withLock { $0 = UnixTime(seconds) }
            looks.continuation.yield()
            await looked()
        }
    }

    @Test func `is renewed at two thirds of its life, for new connections`() async throws {
        let hands = Hands()
        let makes = Mutex(0)
        try await TestServer.serving { server, gateway in
            let renewal = TLSRenewal(
                of: gateway, first: try Self.life(from: 0), logger: Logger(label: "test") { _ in LogLines() },
                now: { hands.now }, pause: { await hands.pause() }
            ) {
                let count = makes.withLock { count in
                    count += 1
                    return count
                }
                guard count > 1 else { throw Unavailable() }
                return (try TestIdentity.next(), try Self.life(from: 601))
            }
            let running = Task { try await renewal.run() }
            let (first, next) = (try Self.leaf(TestIdentity.tls()), try Self.leaf(TestIdentity.next()))
            await hands.looked()
            let old = try await server.connect(Self.context())
            try await old.executeThenClose { inbound, outbound in
                var answers = inbound.makeAsyncIterator()
                try await Self.ask(&answers, outbound)
                #expect(try await TestServer.leaf(of: old.channel) == first)
                await hands.move(to: 599)
                #expect(makes.withLock { $0 } == 0)
                await hands.move(to: 600)
                #expect(try await Self.shown(by: server) == first, "the signer did not answer")
                await hands.move(to: 601)
                #expect(try await Self.shown(by: server) == next)
                try await Self.ask(&answers, outbound)
                await hands.move(to: 1_200)
                #expect(makes.withLock { $0 } == 2, "the next is due at two thirds of its own life")
            }
            running.cancel()
        }
    }

    private struct Unavailable: Error {}

    private static func life(from start: UInt64) throws -> Validity {
        try Validity(validAfter: UnixTime(start), validBefore: UnixTime(start + 900))
    }

    private static func leaf(_ identity: TLSIdentity) throws -> [UInt8] {
        try identity.certificateChain.first?.toDERBytes() ?? []
    }

    private static func context() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        return try NIOSSLContext(configuration: configuration)
    }

    /// What a new connection is shown.
    private static func shown(by server: TestServer) async throws -> [UInt8] {
        let connection = try await server.connect(context())
        return try await connection.executeThenClose { inbound, outbound in
            var answers = inbound.makeAsyncIterator()
            try await ask(&answers, outbound)
            return try await TestServer.leaf(of: connection.channel)
        }
    }

    private static func ask(
        _ answers: inout NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws {
        try await outbound.write(ByteBuffer(string: get))
        var text = ""
        while !text.hasSuffix("ok\n"), let part = try await answers.next() { text += String(buffer: part) }
        #expect(text.hasPrefix("HTTP/1.1 200"))
    }
}
