import Authority
import Logging
import ServiceLifecycle
import Signers
import Synchronization

/// Waits for a sealed signer to be unlocked. Then all that was not possible at the start has to be done, so the server
/// stops and begins anew.
final class Unsealing: Service {
    private let signer: SignerConnection
    private let logger: Logger
    private let unlocked = Mutex(false)

    init(_ signer: SignerConnection, logger: Logger) {
        self.signer = signer
        self.logger = logger
    }

    /// Whether the signer was unlocked, rather than the server stopped.
    var hasHappened: Bool { unlocked.withLock { $0 } }

    /// Ends once the keys can be used.
    func run() async throws {
        await cancelWhenGracefulShutdown { await self.wait() }
    }

    /// Waits where there is nothing to serve meanwhile.
    func wait() async {
        while !Task.isCancelled {
            if (try? await signer.checkpointSize()) != nil {
                unlocked.withLock { $0 = true }
                return logger.notice("the signer is unlocked")
            }
            try? await Task.sleep(for: .milliseconds(250))
        }
    }
}

extension SignerConnection {
    /// Whether its keys wait for somebody to unlock them.
    func isSealed() async throws -> Bool {
        do {
            _ = try await checkpointSize()
            return false
        } catch SignerError.sealed {
            return true
        }
    }
}
