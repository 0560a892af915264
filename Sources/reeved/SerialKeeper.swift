import Authority
import Logging
import Records
import ServiceLifecycle

/// Shows the other nodes that this one lives, and voids the serials of those that do not. One node looks, the one with
/// the lease.
struct SerialKeeper: Service {
    /// Seconds between two looks.
    private static let pause = 2

    let authority: Authority
    let records: Records
    let sweep: SerialSweep
    let lease: Lease
    let logger: Logger

    init(authority: Authority, records: Records, logger: Logger) {
        self.authority = authority
        self.records = records
        self.logger = logger
        sweep = SerialSweep(records)
        lease = Lease("serials", records)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await look() } catch {
                    logger.warning("serials were not looked after", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: .seconds(Self.pause))
            }
        }
        try? await lease.release()
    }

    private func look() async throws {
        try await records.beat()
        _ = try await lease.perform {
            let voided = try await sweep.look()
            guard !voided.isEmpty else { return }
            logger.warning("a node is gone: its serials are void", metadata: ["serials": "\(voided)"])
            await authority.hosts.lookForMoves()
        }
    }
}
