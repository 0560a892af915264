import NIOCore
import NIOSSL
import Synchronization

/// What new connections are shown. It can be replaced while the server runs; those that stand keep what they saw.
final class ShownIdentity: Sendable {
    private let first: TLSIdentity
    /// What replaced the first one.
    private let newest = Mutex<TLSIdentity?>(nil)

    init(_ first: TLSIdentity) { self.first = first }

    func replace(by identity: TLSIdentity) { newest.withLock { $0 = identity } }

    /// Of the first identity; each handshake then asks for the newest.
    var configuration: TLSConfiguration {
        var configuration = first.configuration
        configuration.sslContextCallback = { [self] _, promise in
            promise.succeed(newest.withLock { $0?.replacement } ?? .noChanges)
        }
        return configuration
    }
}

extension TLSIdentity {
    fileprivate var replacement: NIOSSLContextConfigurationOverride {
        var replacement = NIOSSLContextConfigurationOverride()
        replacement.certificateChain = certificateChain.map { .certificate($0) }
        replacement.privateKey = .privateKey(privateKey)
        return replacement
    }
}
