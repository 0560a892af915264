import Authority
import Synchronization

/// As many lines of reads as an engine can serve at once, taken in turn.
final class ReadQueues: Sendable {
    private let queues: [ReadQueue]
    private let turn = Atomic<UInt>(0)

    init(_ connection: any SQLConnection, _ lane: ReadLane) {
        queues = (0..<max(connection.width(lane), 1)).map { _ in ReadQueue(connection, lane) }
    }

    /// - Throws: What `body` throws; `.busy` when too many wait; `.failed`.
    func perform<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        guard queues.count > 1 else { return try await queues[0].perform(body) }
        let turn = turn.wrappingAdd(1, ordering: .relaxed).newValue
        return try await queues[Int(turn % UInt(queues.count))].perform(body)
    }
}
