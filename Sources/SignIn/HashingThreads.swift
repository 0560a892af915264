import Authority
import CPosix
import Glibc
import Posix
import Synchronization

/// Few threads of lowest priority that live while there is work, and a bounded line before them in which sources take
/// turns.
///
/// Hashing is to be slow for who guesses, not for who signs: it takes no thread of the cooperative pool and
/// no processor that anything else wants.
final class HashingThreads: Sendable {
    struct Work: Sendable {
        let id: UInt64
        let run: @Sendable () -> Void
        /// Called instead where it will not be done.
        let fail: @Sendable (HashingError) -> Void
        /// Asked when its turn comes: nothing is done for somebody who has left.
        let isGone: @Sendable () -> Bool
        /// From when on it is too late, in nanoseconds of the monotonic clock.
        let deadline: UInt64

        init(
            id: UInt64, run: @escaping @Sendable () -> Void,
            fail: @escaping @Sendable (HashingError) -> Void,
            isGone: @escaping @Sendable () -> Bool = { false }, deadline: UInt64 = .max
        ) {
            self.id = id
            self.run = run
            self.fail = fail
            self.isGone = isGone
            self.deadline = deadline
        }
    }

    private struct State {
        var line: FairLine<Work>
        var running = 0
        var next: UInt64 = 0
    }

    private let state: Mutex<State>
    private let width: Int
    private let now: @Sendable () -> UInt64

    /// - Parameter now: Monotonic clock, nanoseconds.
    init(
        width: Int, limit: Int, limitPerSource: Int = .max,
        now: @escaping @Sendable () -> UInt64 = { MonotonicClock.now() }
    ) {
        self.width = max(1, width)
        self.now = now
        state = Mutex(State(line: FairLine(limit: limit, limitPerSource: limitPerSource)))
    }

    /// How many wait for a thread at present.
    var waiting: Int { state.withLock { $0.line.count } }

    /// A number that no other work has.
    func number() -> UInt64 {
        state.withLock { state in
            state.next += 1
            return state.next
        }
    }

    /// Takes the work; where there is no room, it fails as busy.
    func accept(_ work: Work, from source: String) {
        let (refused, startsThread) = state.withLock { state -> (Work?, Bool) in
            let refused: Work?
            switch state.line.join(work, from: source) {
            case .full: return (work, false)
            case .taken: refused = nil
            case .takenInstead(let displaced): refused = displaced
            }
            guard state.running < width else { return (refused, false) }
            state.running += 1
            return (refused, true)
        }
        refused?.fail(.busy)
        if startsThread, !startThread() { giveUp() }
    }

    /// Takes what still waits out of the line: nobody wants it any more. What runs is brought to its end.
    func withdraw(_ id: UInt64) {
        let gone = state.withLock { $0.line.leave { $0.id == id } }
        for work in gone { work.fail(.busy) }
    }

    /// No thread was to be had. Those that run will do the work; without any, all that waits has failed.
    private func giveUp() {
        let stranded = state.withLock { state -> [Work] in
            state.running -= 1
            return state.running == 0 ? state.line.leave { _ in true } : []
        }
        for work in stranded { work.fail(.failed(reason: "no thread to be had")) }
    }

    private func startThread() -> Bool {
        let raw = unsafe Unmanaged.passRetained(self).toOpaque()
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        defer { unsafe pthread_attr_destroy(&attributes) }
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, &attributes,
            { raw in
                guard let raw = unsafe raw else { return nil }
                unsafe Unmanaged<HashingThreads>.fromOpaque(raw).takeRetainedValue().work()
                return nil
            }, raw)
        if code != 0 { unsafe Unmanaged<HashingThreads>.fromOpaque(raw).release() }
        return code == 0
    }

    private func work() {
        _ = posix_lower_this_thread()
        while let work = next() {
            guard !work.isGone(), now() < work.deadline else {
                work.fail(.busy)
                continue
            }
            work.run()
        }
    }

    /// The work whose turn it is; with none left this thread counts as ended.
    private func next() -> Work? {
        state.withLock { state in
            guard let work = state.line.next() else {
                state.running -= 1
                return nil
            }
            return work
        }
    }
}
