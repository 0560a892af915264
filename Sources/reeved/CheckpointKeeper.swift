import Authority
import Logging
import ServiceLifecycle

/// Signs a checkpoint every second in which something was recorded, and tells hosts of moves by other nodes.
struct CheckpointKeeper: Service {
    let authority: Authority
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await authority.audit.checkpoints.advance() } catch {
                    logger.error("no checkpoint was signed", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: .seconds(1))
            }
        }
        _ = try? await authority.audit.checkpoints.advance()
    }
}
