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
        try await serving(adjust: adjust) { server, _ in try await use(server) }
    }

    /// The same, with the gateway at hand.
    static func serving<Result: Sendable>(
        adjust: (inout GatewayConfiguration) -> Void = { _ in },
        _ use: @escaping @Sendable (TestServer, Gateway) async throws -> Result
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
            let result = try await use(TestServer(port: port), gateway)
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
        return try await connect(context).executeThenClose { inbound, outbound in
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

extension TestServer {
    typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    func connect(_ context: NIOSSLContext) async throws -> Connection {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        NIOSSLClientHandler(context: context, serverHostname: nil))
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
    }

    /// The leaf that the other end of a connection showed, in DER, once the handshake is over.
    static func leaf(of channel: any Channel) async throws -> [UInt8] {
        try await channel.eventLoop.submit {
            let handler = try channel.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
            return try handler.peerCertificate?.toDERBytes() ?? []
        }.get()
    }
}

/// Certificates that are good for nothing but these tests, with their keys.
enum TestIdentity {
    static func tls() throws -> TLSIdentity { try tls(certificate, key) }
    /// Another one for the same name.
    static func next() throws -> TLSIdentity { try tls(nextCertificate, nextKey) }

    private static func tls(_ certificate: String, _ key: String) throws -> TLSIdentity {
        TLSIdentity(
            certificateChain: [try NIOSSLCertificate(bytes: bytes(certificate), format: .der)],
            privateKey: try NIOSSLPrivateKey(bytes: bytes(key), format: .der))
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

    private static let nextKey = """
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVa5XIT/8MFDmvuER1vAEgqw9e9wJBWGgSam+udgsf2
        OhRANCAARQcnDTpnqCy6P+rjAjZyv7zS6vlOoFSbXn59DUoXJ/w9aS6XrAtXkfmBD+o4r98MrP8ugxyfOKYZEo10jA
        S/nf
        """

    private static let nextCertificate = """
        MIIBpDCCAUqgAwIBAgIUbWRHpNN9MM3HUzO4lFn80PCXVBowCgYIKoZIzj0EAwIwGTEXMBUGA1UEAwwOY2EuZXhhbX
        BsZS5jb20wIBcNMjYxMTI4MTU0NDQwWhgPMjEyNjExMDQxNTQ0NDBaMBkxFzAVBgNVBAMMDmNhLmV4YW1wbGUuY29t
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEUHJw06Z6gsuj/q4wI2cr+80ur5TqBUm15+fQ1KFyf8PWkul6wLV5H5
        gQ/qOK/fDKz/LoMcnzimGRKNdIwEv536NuMGwwHQYDVR0OBBYEFH4jGc0yr8svIYG+6gABpz7nzPvnMB8GA1UdIwQY
        MBaAFH4jGc0yr8svIYG+6gABpz7nzPvnMA8GA1UdEwEB/wQFMAMBAf8wGQYDVR0RBBIwEIIOY2EuZXhhbXBsZS5jb2
        0wCgYIKoZIzj0EAwIDSAAwRQIgAcMMmiEhKvKN/zSDMv+x3iHqQ7n8Czee/qOv3rVvP+4CIQCeVplZmetyVceKUs/t
        MVdYOpqiqqeUOZuHJ7Dgz00HYA==
        """
}
