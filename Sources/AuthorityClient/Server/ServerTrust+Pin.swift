public import AuthorityAPI
import NIOCore
import NIOPosix
import NIOSSL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension ServerTrust {
    /// Asks the server for its chain, looks in it for the root with this fingerprint, and trusts that root from then on.
    ///
    /// Nothing is sent to the server; whether its leaf stands under the root and names the server is proven by the first
    /// call, with full verification.
    /// - Throws: ``ClientError/untrusted(_:)`` when no certificate of the chain has the fingerprint;
    ///   ``ClientError/unreachable(_:)``.
    public static func pinned(
        _ pin: ServerPin, at server: ServerAddress
    ) async throws(ClientError) -> ServerTrust {
        guard case .root(let hash) = pin else { return .web }
        let chain: [[UInt8]]
        do { chain = try await shownChain(of: server).map { try $0.toDERBytes() } } catch {
            throw .unreachable("\(server) did not answer with TLS (\(ConnectionFault.sentence(error)))")
        }
        guard let root = chain.first(where: { ServerPin(rootDER: $0) == .root(hash) }) else {
            throw .untrusted("\(server) shows no certificate with the fingerprint that the link names")
        }
        return .root(pem: pem(of: root))
    }

    /// By what another machine knows the same server; nil for a root that cannot be read.
    public var pin: ServerPin? {
        guard case .root(let pem) = self else { return .web }
        let letters = pem.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
        return Data(base64Encoded: letters).map { ServerPin(rootDER: Array($0)) }
    }

    /// When the server's own certificate counts, in seconds since 1970, as it says itself: nothing is verified.
    static func shownValidity(of server: ServerAddress) async throws -> ClosedRange<Int64>? {
        guard let leaf = try await shownChain(of: server).first else { return nil }
        let (first, last) = (Int64(leaf.notValidBefore), Int64(leaf.notValidAfter))
        return first <= last ? first...last : nil
    }

    /// The certificates that the server shows, leaf first.
    private static func shownChain(of server: ServerAddress) async throws -> [NIOSSLCertificate] {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let chain = loop.makePromise(of: [NIOSSLCertificate].self)
        let context = try NIOSSLContext(configuration: .makeClientConfiguration())
        let bootstrap = ClientBootstrap(group: loop).connectTimeout(.seconds(5)).channelInitializer {
            channel in
            channel.eventLoop.makeCompletedFuture {
                let handler = try NIOSSLClientHandler(
                    context: context, serverHostname: server.isNumeric ? nil : server.host,
                    customVerificationCallback: { certificates, verdict in
                        chain.succeed(certificates)
                        verdict.succeed(.failed)
                    })
                try channel.pipeline.syncOperations.addHandler(handler)
            }
        }
        do {
            let channel = try await bootstrap.connect(host: server.host, port: server.port).get()
            let alarm = channel.eventLoop.scheduleTask(in: .seconds(10)) { channel.close(promise: nil) }
            channel.closeFuture.whenComplete { _ in
                alarm.cancel()
                chain.fail(ChannelError.eof)
            }
        } catch {
            chain.fail(error)
        }
        return try await chain.futureResult.get()
    }

    /// RFC 7468 §5.
    private static func pem(of der: [UInt8]) -> String {
        let letters = Array(Data(der).base64EncodedString().utf8)
        var lines = ["-----BEGIN CERTIFICATE-----"]
        for start in stride(from: 0, to: letters.count, by: 64) {
            lines.append(String(decoding: letters[start..<min(start + 64, letters.count)], as: UTF8.self))
        }
        return (lines + ["-----END CERTIFICATE-----", ""]).joined(separator: "\n")
    }
}

extension ServerTrust {
    /// When a pinned root ends, in seconds since 1970; nil where it cannot be read.
    package static func end(ofRoot pem: String) -> Int64? {
        (try? NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)))?.first.map { Int64($0.notValidAfter) }
    }
}
