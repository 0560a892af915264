import Authority
import Dispatch

/// Reads in flight share one transaction: one hop to the reader's thread and one snapshot for all that wait.
///
/// A read joins the line before its transaction begins, so it sees everything recorded before it was asked.
final class ReadQueue: Sendable {
    private let connection: any SQLConnection
    private let lane: ReadLane
    private let line = WaitingLine<SharedJob<any SQLSession>>(limit: 16_384, most: 256)

    init(_ connection: any SQLConnection, _ lane: ReadLane) {
        self.connection = connection
        self.lane = lane
    }

    /// - Throws: What `body` throws; `.busy` when too many wait; `.failed`.
    func perform<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let result = await withCheckedContinuation { (caller: Caller<Value>) in
            join(
                SharedJob(
                    work: { session in
                        let result = Result { () throws(StoreError) in try body(session) }
                        return { failure in caller.resume(returning: failure.map { .failure($0) } ?? result) }
                    },
                    fail: { caller.resume(returning: .failure($0)) }))
        }
        return try result.get()
    }

    private func join(_ job: SharedJob<any SQLSession>) {
        switch line.join(job) {
        case .startsWork: work(turns: 0)
        case .waits: break
        case .refused: job.fail(.busy)
        }
    }

    /// Takes what waits, again and again. A lane that reads on the caller's thread calls `done` before `read` returns,
    /// so the turns are counted and after a few of them the work goes on elsewhere: nobody reads for others for ever.
    private func work(turns: Int) {
        let jobs = line.next()
        guard !jobs.isEmpty else { return }
        guard turns < 8 else {
            DispatchQueue.global().async { self.read(jobs, turns: 0) }
            return
        }
        read(jobs, turns: turns)
    }

    private func read(_ jobs: [SharedJob<any SQLSession>], turns: Int) {
        connection.read(lane) { session throws(StoreError) in
            var endings: [SharedJob<any SQLSession>.Ending] = []
            for job in jobs { endings.append(try job.work(session)) }
            return endings
        } done: { outcome in
            switch outcome {
            case .done(let endings): for end in endings { end(nil) }
            case .failed(let error): for job in jobs { job.fail(error) }
            }
            self.work(turns: turns + 1)
        }
    }
}
