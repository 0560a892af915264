/// Lets only one of the requests with the same Idempotency-Key work at a time: the others wait and then find its reply.
actor Repetitions {
    private var waiting: [[UInt8]: [CheckedContinuation<Void, Never>]] = [:]
    private var count = 0
    private let limit: Int

    /// - Parameter limit: Most requests that wait at once.
    init(limit: Int) { self.limit = limit }

    /// Returns when nobody else works under this scope; ``leave(_:)`` must follow.
    ///
    /// - Throws: ``DoorError/full(_:)``
    func enter(_ scope: [UInt8]) async throws(DoorError) {
        guard waiting[scope] != nil else {
            waiting[scope] = []
            return
        }
        guard count < limit else { throw .full("repetitions") }
        count += 1
        await withCheckedContinuation { waiting[scope, default: []].append($0) }
    }

    /// Hands over to the next one, in the order in which they came.
    func leave(_ scope: [UInt8]) {
        guard var queue = waiting[scope] else { return }
        guard !queue.isEmpty else {
            waiting[scope] = nil
            return
        }
        let next = queue.removeFirst()
        waiting[scope] = queue
        count -= 1
        next.resume()
    }
}
