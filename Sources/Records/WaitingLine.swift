import Authority
import Synchronization

/// Jobs that wait for the one who works, in order and bounded. Whoever joins an idle line starts the work.
final class WaitingLine<Job: Sendable>: Sendable {
    private struct State {
        var jobs: [Job] = []
        var isWorking = false
    }

    enum Admission { case startsWork, waits, refused }

    private let state = Mutex(State())
    private let limit: Int
    private let most: Int

    /// - Parameters:
    ///   - limit: How many may wait; who comes later is refused.
    ///   - most: How many leave together.
    init(limit: Int, most: Int) {
        self.limit = limit
        self.most = most
    }

    /// How many wait at present.
    var count: Int { state.withLock { $0.jobs.count } }

    func join(_ job: Job) -> Admission {
        state.withLock { state in
            guard state.jobs.count < limit else { return .refused }
            state.jobs.append(job)
            guard !state.isWorking else { return .waits }
            state.isWorking = true
            return .startsWork
        }
    }

    /// The jobs to do now; none means that the work has ended.
    func next() -> [Job] {
        state.withLock { state in
            guard state.jobs.count > most else {
                let all = state.jobs
                state.jobs = []
                state.isWorking = !all.isEmpty
                return all
            }
            let first = Array(state.jobs.prefix(most))
            state.jobs.removeFirst(most)
            return first
        }
    }
}

/// One caller's part of a transaction that it shares with others.
struct SharedJob<Context>: Sendable {
    /// Told how the transaction ended: nil means committed.
    typealias Ending = @Sendable (StoreError?) -> Void

    /// Does the part and keeps the result until the ending is known. Throws if the whole transaction must
    /// end.
    let work: @Sendable (Context) throws(StoreError) -> Ending
    let fail: @Sendable (StoreError) -> Void
}

/// Who waits for a part's result.
typealias Caller<Value> = CheckedContinuation<Result<Value, StoreError>, Never>
