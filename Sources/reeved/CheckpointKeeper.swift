import Authority
import Logging
import Records
import ServiceLifecycle
import Synchronization

/// Signs a checkpoint every second in which something was recorded. Of several nodes the one with the lease does.
final class CheckpointKeeper: Service {
    let authority: Authority
    /// Nil where there is one node.
    let lease: Lease?
    let logger: Logger
    private let covered = Mutex<ContinuousClock.Instant?>(nil)

    init(authority: Authority, lease: Lease?, logger: Logger) {
        self.authority = authority
        self.lease = lease
        self.logger = logger
    }

    /// Seconds since a checkpoint covered everything; nil where it was never this node that saw to it.
    var age: Double? { covered.withLock { $0.map { (ContinuousClock.now - $0) / .seconds(1) } } }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
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
            return note(isCovered: true)
        }
        note(
            isCovered: try await lease.perform { [authority] in
                try await authority.audit.checkpoints.advance()
            })
    }

    private func note(isCovered: Bool) {
        covered.withLock { $0 = isCovered ? ContinuousClock.now : nil }
    }
}
