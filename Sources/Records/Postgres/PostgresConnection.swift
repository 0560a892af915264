import Authority
import Dispatch
import Synchronization

/// PostgreSQL by libpq: one connection that writes, a few that read, each on a thread of its own.
package final class PostgresConnection: SQLConnection {
    package let dialect = SQLDialect.postgres
    package let isShared = true
    private let door: PostgresDoor
    private let writer: Desk<PostgresWriter>
    private let readers: [ReadLane: [Desk<PostgresReader>]]
    private let listeners = Mutex<[PostgresListener]>([])

    /// Connections that read; they are made when they are first needed. A point costs a round trip, so several are
    /// on their way at once.
    package func width(_ lane: ReadLane) -> Int { Self.widths[lane] ?? 1 }
    private static let widths: [ReadLane: Int] = [.points: 3, .scans: 1]

    /// Connects to the server that may be written to.
    ///
    /// - Parameters:
    ///   - node: The name by which only one process may write to this database; nil takes none.
    ///   - timeline: Where the newest timeline is kept over restarts; nil: nowhere.
    /// - Throws: ``RecordsError/postgres(_:)``.
    package init(
        _ address: PostgresAddress, node: String?, timeline: TimelineFile? = nil
    ) async throws(RecordsError) {
        let door: PostgresDoor
        do throws(PostgresFault) { door = try PostgresDoor(address, timeline) } catch {
            throw .postgres(error)
        }
        self.door = door
        writer = Desk("keyreeve.postgres.writer", PostgresWriter(door, node: node))
        var readers: [ReadLane: [Desk<PostgresReader>]] = [:]
        for lane in ReadLane.allCases {
            readers[lane] = (0..<(Self.widths[lane] ?? 1)).map { _ in
                Desk("keyreeve.postgres.reader", PostgresReader(door))
            }
        }
        self.readers = readers
        let fault = await withCheckedContinuation { (caller: CheckedContinuation<PostgresFault?, Never>) in
            writer.perform { writer in
                do throws(PostgresFault) {
                    try writer?.connected()
                    caller.resume(returning: nil)
                } catch {
                    caller.resume(returning: error)
                }
            }
        }
        if let fault { throw .postgres(fault) }
    }

    package func read<Result: Sendable>(
        _ lane: ReadLane,
        _ work: @escaping SQLWork<Result>,
        done: @escaping @Sendable (ReadOutcome<Result>) -> Void
    ) {
        guard let desk = readers[lane]?.min(by: { $0.waiting < $1.waiting }) else {
            return done(.failed(.busy))
        }
        desk.perform { reader in
            guard let reader else { return done(.failed(.failed(reason: "closed"))) }
            reader.read(work, done: done)
        }
    }

    package func write<Result: Sendable>(
        _ work: @escaping SQLWork<Result>,
        done: @escaping @Sendable (WriteOutcome<Result>) -> Void
    ) {
        writer.perform { writer in
            guard let writer else { return done(.rolledBack(.failed(reason: "closed"))) }
            done(writer.write(work))
        }
    }

    package func listen(_ heard: @escaping @Sendable (String?) -> Void) {
        let listener = PostgresListener(door, heard)
        // Without a thread nothing is heard, and who listens also looks from time to time.
        guard (try? listener.start()) != nil else { return }
        listeners.withLock { $0.append(listener) }
    }

    deinit { for listener in listeners.withLock({ $0 }) { listener.stop() } }

    package func close() {
        for listener in listeners.withLock({ $0 }) { listener.stop() }
        writer.close()
        for desk in readers.values.joined() { desk.close() }
    }
}

/// One who works alone on a thread of their own, one thing after the other.
final class Desk<Worker>: Sendable {
    private let queue: DispatchQueue
    private let worker: Mutex<Worker?>
    private let count = Atomic<Int>(0)

    /// How much is asked for and not done.
    var waiting: Int { count.load(ordering: .relaxed) }

    init(_ label: String, _ worker: sending Worker) {
        queue = DispatchQueue(label: label)
        self.worker = Mutex(worker)
    }

    /// Calls `body` on the thread, with nil once the desk is closed.
    func perform(_ body: @escaping @Sendable (Worker?) -> Void) {
        count.wrappingAdd(1, ordering: .relaxed)
        queue.async {
            self.worker.withLock { body($0) }
            self.count.wrappingSubtract(1, ordering: .relaxed)
        }
    }

    /// Lets the worker go once what was asked for before has ended.
    func close() { queue.async { self.worker.withLock { $0 = nil } } }
}
