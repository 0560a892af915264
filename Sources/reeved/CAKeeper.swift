import Authority
import Logging
import ServiceLifecycle

/// Takes the steps of rotations when they are due, and has this node's signer follow those that others take. Of several nodes
/// whoever is first takes a step.
struct CAKeeper: Service {
    let authority: Authority
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await authority.caKeys.advance() } catch {
                    logger.warning("a rotation of CA keys cannot go on", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}
