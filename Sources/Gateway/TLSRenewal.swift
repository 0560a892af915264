package import Logging
package import SSHFormats
import ServiceLifecycle

/// Replaces the certificate that the server made for itself, at two thirds of its life. While that fails it goes on
/// with the old one and tries again.
package struct TLSRenewal: Service {
    package typealias Make = @Sendable () async throws -> (TLSIdentity, Validity)

    private let gateway: Gateway
    private let first: Validity
    private let logger: Logger
    private let now: @Sendable () -> UnixTime
    private let pause: @Sendable () async -> Void
    private let make: Make

    /// - Parameters:
    ///   - first: When the certificate counts that the gateway was given.
    ///   - pause: Waits between two looks at the clock, which may jump.
    package init(
        of gateway: Gateway, first: Validity, logger: Logger, now: @escaping @Sendable () -> UnixTime,
        pause: @escaping @Sendable () async -> Void = { try? await Task.sleep(for: .seconds(60)) },
        make: @escaping Make
    ) {
        self.gateway = gateway
        self.first = first
        self.logger = logger
        self.now = now
        self.pause = pause
        self.make = make
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var due = TLSRenewal.due(first)
            while !Task.isCancelled {
                if now() >= due { due = await renew() ?? due }
                await pause()
            }
        }
    }

    /// - Returns: When the next one is due; nil if it failed.
    private func renew() async -> UnixTime? {
        do {
            let (identity, validity) = try await make()
            gateway.show(identity)
            logger.notice("a new TLS certificate is shown", metadata: ["until": "\(validity.validBefore)"])
            return TLSRenewal.due(validity)
        } catch {
            logger.error("no new TLS certificate", metadata: ["error": "\(error)"])
            return nil
        }
    }

    static func due(_ validity: Validity) -> UnixTime {
        validity.validAfter.advanced(by: Int64(clamping: validity.seconds / 3 * 2))
    }
}
