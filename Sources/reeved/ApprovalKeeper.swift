import Authority
import Logging
import ServiceLifecycle

/// Writes down every few seconds which requests ended that nobody used in time. Of several nodes whoever is first does.
struct ApprovalKeeper: Service {
    let authority: Authority
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await authority.approvals.sweep() } catch {
                    logger.warning(
                        "requests that ended were not written down", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: .seconds(5))
            }
        }
    }
}
