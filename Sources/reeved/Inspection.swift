import Logging
import Records
import ServiceLifecycle

/// Reads the database and the ledger again at every start and once a day. Damage ends issuance; it shows in the log
/// and on `/readyz`. Also tries whether a failure to write is over, since nobody else may come and try.
struct Inspection: Service {
    /// Seconds between two rounds of reading, and between two looks at failures.
    private static let round = 86_400
    private static let look = 5

    let records: Records
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var seconds = 0
            while !Task.isCancelled {
                if seconds % Self.round == 0 { await inspect() }
                if records.trouble != nil { try? await records.tryAgain() }
                seconds += Self.look
                try? await Task.sleep(for: .seconds(Self.look))
            }
        }
    }

    private func inspect() async {
        do {
            guard let found = try await records.inspect(pause: .milliseconds(20)) else { return }
            logger.critical("nothing is issued any more: \(found)")
        } catch {
            logger.error("the database could not be inspected", metadata: ["error": "\(error)"])
        }
    }
}
