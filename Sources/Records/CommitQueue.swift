import Authority
import Dispatch
import SSHFormats
import Synchronization
import Telemetry

/// Group commit: what is in flight shares one transaction and one fsync, each part in its own savepoint.
///
/// A group begins once as many parts wait as are expected, or when the first of them has waited for ``patience``: begun
/// with the first that comes, groups stay small just when many are under way, and each costs as much as ten parts of it.
///
/// A part that joined the line is committed or fails as a whole, whether or not its caller still waits. After
/// a commit that failed nothing is written any more until the program starts again: a second fsync(2) can
/// succeed although the first lost pages.
final class CommitQueue: Sendable {
    /// How long a part waits for others that are about to come.
    package static let patience = Duration.milliseconds(1)
    /// With so many parts a group costs little for each of them.
    private static let enough = 64

    private let connection: any SQLConnection
    private let now: @Sendable () -> UnixTime
    let line = WaitingLine<SharedJob<CommitGroup>>(limit: 4096, most: 512)
    private let closed = Mutex<StoreError?>(nil)
    private let counts: StandingCounts
    private let presence: Presence
    private let expected: ExpectedEntries
    private let patience: Duration
    /// Groups that gathered so far, and whether the last one does so still.
    private let gathering = Mutex((turn: UInt64(0), isOpen: false))
    private let queue = DispatchQueue(label: "keyreeve.commits")
    private let mostSessions: Int
    private let failure = Mutex<String?>(nil)
    /// Parts that shared a transaction, and seconds that it took.
    let sizes = Histogram(bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512])
    let times = Histogram(bounds: Histogram.seconds)

    init(
        _ connection: any SQLConnection, _ counts: StandingCounts, _ presence: Presence,
        _ expected: ExpectedEntries, patience: Duration, mostSessions: Int,
        now: @escaping @Sendable () -> UnixTime
    ) {
        self.presence = presence
        self.expected = expected
        self.patience = patience
        self.mostSessions = mostSessions
        self.connection = connection
        self.counts = counts
        self.now = now
    }

    /// Returns once `body`'s changes are durable.
    ///
    /// - Throws: What `body` throws, and then nothing of it is kept; `.busy` when too many wait; `.failed`.
    func perform<Value: Sendable>(
        _ body: @escaping @Sendable (CommitGroup) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let result = await withCheckedContinuation { (caller: Caller<Value>) in
            join(
                SharedJob(
                    work: { group throws(StoreError) in
                        let result = try group.part(body)
                        return { failure in caller.resume(returning: failure.map { .failure($0) } ?? result) }
                    },
                    fail: { caller.resume(returning: .failure($0)) }))
        }
        note(result)
        return try result.get()
    }

    /// What a group leaves behind.
    private struct Done: Sendable {
        let endings: [SharedJob<CommitGroup>.Ending]
        let moved: Standing
    }

    /// Why nothing can be kept at present; nil once something was.
    var trouble: String? {
        if case .failed(let reason) = closed.withLock({ $0 }) { return reason }
        return failure.withLock { $0 }
    }

    /// From now on nothing is kept, until the program starts again.
    func seal(_ reason: String) { closed.withLock { $0 = .failed(reason: reason) } }

    private func note<Value>(_ result: Result<Value, StoreError>) {
        switch result {
        case .success: failure.withLock { $0 = nil }
        case .failure(.failed(let reason)): failure.withLock { $0 = reason }
        case .failure(.busy), .failure(.conflict): break
        }
    }

    private func join(_ job: SharedJob<CommitGroup>) {
        switch line.join(job) {
        case .startsWork: gather()
        case .waits: if !isWorthWaiting { begin(gathering.withLock { $0.turn }) }
        case .refused: job.fail(.busy)
        }
    }

    /// Whether more are about to come than wait.
    private var isWorthWaiting: Bool {
        let waiting = line.count
        return waiting > 0 && waiting < min(expected.count, Self.enough)
    }

    /// Begins now or, if others are about to come, with them.
    private func gather() {
        guard isWorthWaiting else { return work() }
        let turn = gathering.withLock { gathering in
            gathering = (gathering.turn + 1, true)
            return gathering.turn
        }
        queue.asyncAfter(deadline: .now() + (patience / .seconds(1))) { self.begin(turn) }
        // Whoever came meanwhile found nothing to begin.
        if !isWorthWaiting { begin(turn) }
    }

    /// Whoever comes first begins: the last one to be waited for, or the clock.
    private func begin(_ turn: UInt64) {
        let isFirst = gathering.withLock { gathering in
            defer { if gathering.turn == turn { gathering.isOpen = false } }
            return gathering.turn == turn && gathering.isOpen
        }
        if isFirst { work() }
    }

    private func work() {
        let jobs = line.next()
        guard !jobs.isEmpty else { return }
        if let reason = closed.withLock({ $0 }) {
            for job in jobs { job.fail(reason) }
            return work()
        }
        let started = ContinuousClock.now
        connection.write { [now, counts, presence, mostSessions] session throws(StoreError) in
            let group = CommitGroup(session, counts, presence, mostSessions: mostSessions, now: now())
            var endings: [SharedJob<CommitGroup>.Ending] = []
            for job in jobs { endings.append(try job.work(group)) }
            try group.close()
            try counts.willMove(group.moved, session)
            return Done(endings: endings, moved: group.moved)
        } done: { outcome in
            self.sizes.note(Double(jobs.count))
            self.times.note((ContinuousClock.now - started) / .seconds(1))
            self.end(jobs, outcome)
            self.gather()
        }
    }

    private func end(
        _ jobs: [SharedJob<CommitGroup>], _ outcome: WriteOutcome<Done>
    ) {
        switch outcome {
        case .committed(let done):
            counts.didMove(done.moved)
            for end in done.endings { end(nil) }
        case .rolledBack(let error), .unresolved(let error):
            for job in jobs { job.fail(error) }
        case .unknown(let error):
            counts.didMove([.sessions, .places])
            close(after: error)
            for job in jobs { job.fail(error) }
        }
    }

    private func close(after error: StoreError) {
        let reason =
            switch error {
            case .failed(let reason): reason
            case .busy: "busy"
            case .conflict: "conflict"
            }
        seal("closed until restart, since a commit failed: \(reason)")
    }
}
