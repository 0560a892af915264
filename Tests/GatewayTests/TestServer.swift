import Authority
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

@testable import Gateway

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The gateway on a real socket of the loopback, by TLS.
struct TestServer: Sendable {
    let port: Int

    /// Serves for the length of a call.
    static func serving<Result: Sendable>(
        adjust: (inout GatewayConfiguration) -> Void = { _ in },
        _ use: @escaping @Sendable (TestServer) async throws -> Result
    ) async throws -> Result {
        let door = try await TestDoor()
        var configuration = door.door.configuration
        configuration.port = 0
        adjust(&configuration)
        let gateway = Gateway(
            authority: door.door.authority, configuration: configuration, tls: try TestIdentity.tls(),
            logger: Logger(label: "test") { _ in door.lines }, now: { TestDoor.now })
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let application = try gateway.application { listening.yield($0) }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            var iterator = ports.makeAsyncIterator()
            let port = await iterator.next() ?? 0
            let result = try await use(TestServer(port: port))
            group.cancelAll()
            return result
        }
    }

    /// Sends these bytes by TLS and gives back what comes until the server closes, or until `enough` says so.
    func exchange(
        _ bytes: String, version: TLSVersion = .tlsv13,
        until enough: @escaping @Sendable (String) -> Bool = { _ in false }
    ) async throws -> String {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.minimumTLSVersion = .tlsv1
        configuration.maximumTLSVersion = version
        let context = try NIOSSLContext(configuration: configuration)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        NIOSSLClientHandler(context: context, serverHostname: nil))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: bytes))
            var text = ""
            for try await part in inbound {
                text += String(buffer: part)
                if enough(text) { break }
            }
            return text
        }
    }
}

/// A certificate that is good for nothing but these tests, with its key.
enum TestIdentity {
    static func tls() throws -> TLSIdentity {
        let certificate = try NIOSSLCertificate(bytes: bytes(certificate), format: .der)
        return TLSIdentity(
            certificateChain: [certificate], privateKey: try NIOSSLPrivateKey(bytes: bytes(key), format: .der)
        )
    }

    private static func bytes(_ text: String) -> [UInt8] {
        Array(Data(base64Encoded: text, options: .ignoreUnknownCharacters) ?? Data())
    }

    private static let key = """
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgNMoox7buDXaAbVH9vrX4iOyUbowrktr9leiyquVJuU
        GhRANCAAQikUNgzO4owlfBCMqx7ot9EG/lVvKYaqsVsIvUEH6ViGiEJnK9oTv+wpcOx+W2NKBA0rVHuUDPyIExmKZv
        qYFb
        """

    private static let certificate = """
        MIIBpDCCAUqgAwIBAgIUAPPD91mi7HF6UrGv7XTrluiNUoowCgYIKoZIzj0EAwIwGTEXMBUGA1UEAwwOY2EuZXhhbX
        BsZS5jb20wIBcNMjYxMTIxMTI0MDQ1WhgPMjEyNjEwMjgxMjQwNDVaMBkxFzAVBgNVBAMMDmNhLmV4YW1wbGUuY29t
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIpFDYMzuKMJXwQjKse6LfRBv5VbymGqrFbCL1BB+lYhohCZyvaE7/s
        KXDsfltjSgQNK1R7lAz8iBMZimb6mBW6NuMGwwHQYDVR0OBBYEFK/ldIER32Lt6sLX3IR0DVbs/aOzMB8GA1UdIwQY
        MBaAFK/ldIER32Lt6sLX3IR0DVbs/aOzMA8GA1UdEwEB/wQFMAMBAf8wGQYDVR0RBBIwEIIOY2EuZXhhbXBsZS5jb2
        0wCgYIKoZIzj0EAwIDSAAwRQIgBpkgZe3/c3Mw6jM7jldDjy23hfmbfdpNzDqYO2PxNW0CIQDjFrlfTq60b2aoXwEP
        rZ6kf9OFkcdp3OQoNoMdY55A1A==
        """
}
