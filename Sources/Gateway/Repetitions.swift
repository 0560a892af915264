import Synchronization

/// Lets only one of the requests with the same Idempotency-Key work at a time: the others wait and then find its reply.
final class Repetitions: Sendable {
    private typealias Caller = CheckedContinuation<Bool, Never>

    private struct State {
        /// Scopes under which somebody works, with those who wait for it.
        var scopes: [[UInt8]: [Caller]] = [:]
        var waiting = 0
    }

    private enum Admission { case enters, waits, refused }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: Most requests that wait at once.
    init(limit: Int) { self.limit = limit }

    /// Returns when nobody else works under this scope; ``leave(_:)`` must follow.
    ///
    /// - Throws: ``DoorError/full(_:)``
    func enter(_ scope: [UInt8]) async throws(DoorError) {
        // Most requests repeat nothing: they go on where they are.
        guard !state.withLock({ Self.begin(scope, &$0) }) else { return }
        let mayEnter = await withCheckedContinuation { (caller: Caller) in
            switch state.withLock({ self.join(scope, caller, &$0) }) {
            case .enters: caller.resume(returning: true)
            case .waits: break
            case .refused: caller.resume(returning: false)
            }
        }
        guard mayEnter else { throw .full("repetitions") }
    }

    /// Hands over to the next one, in the order in which they came.
    func leave(_ scope: [UInt8]) {
        let next = state.withLock { state -> Caller? in
            guard let queue = state.scopes[scope], let first = queue.first else {
                state.scopes[scope] = nil
                return nil
            }
            state.scopes[scope] = Array(queue.dropFirst())
            state.waiting -= 1
            return first
        }
        next?.resume(returning: true)
    }

    /// How many wait at present.
    var waiting: Int { state.withLock { $0.waiting } }

    private static func begin(_ scope: [UInt8], _ state: inout State) -> Bool {
        guard state.scopes[scope] == nil else { return false }
        state.scopes[scope] = []
        return true
    }

    private func join(_ scope: [UInt8], _ caller: Caller, _ state: inout State) -> Admission {
        if Self.begin(scope, &state) { return .enters }
        guard state.waiting < limit else { return .refused }
        state.waiting += 1
        state.scopes[scope, default: []].append(caller)
        return .waits
    }
}
