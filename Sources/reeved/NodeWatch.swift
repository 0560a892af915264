import Authority
import Records
import ServiceLifecycle

/// Tells hosts that are connected here what other nodes did: at once where the database says so, within a second
/// otherwise.
struct NodeWatch: Service {
    let authority: Authority
    let records: Records

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask {
                    for await _ in records.changes() { await authority.hosts.lookForMoves() }
                }
                group.addTask {
                    while !Task.isCancelled {
                        try? await Task.sleep(for: .seconds(1))
                        await authority.hosts.lookForMoves()
                    }
                }
            }
        }
    }
}
