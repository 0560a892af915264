import Authority
import Logging
import Records
import ServiceLifecycle

/// Signs a checkpoint every second in which something was recorded. Of several nodes the one with the lease does.
struct CheckpointKeeper: Service {
    let authority: Authority
    /// Nil where there is one node.
    let lease: Lease?
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await advance() } catch {
                    logger.error("no checkpoint was signed", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: .seconds(1))
            }
        }
        try? await advance()
        try? await lease?.release()
    }

    private func advance() async throws {
        guard let lease else {
            try await authority.audit.checkpoints.advance()
            return
        }
        _ = try await lease.perform { try await authority.audit.checkpoints.advance() }
    }
}
