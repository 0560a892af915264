import CPosix
import Glibc
import Synchronization

/// Few threads of lowest priority that live while there is work, and a bounded line before them.
///
/// Hashing is to be slow for who guesses, not for who signs: it takes no thread of the cooperative pool and
/// no processor that anything else wants.
final class HashingThreads: Sendable {
    struct Work: Sendable {
        let run: @Sendable () -> Void
        /// Called instead where no thread can be had.
        let fail: @Sendable () -> Void
    }

    private struct State {
        var waiting: [Work] = []
        var running = 0
    }

    private let state = Mutex(State())
    private let width: Int
    private let limit: Int

    init(width: Int, limit: Int) {
        self.width = max(1, width)
        self.limit = limit
    }

    /// How many wait for a thread at present.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// - Returns: Whether there was room for the work; if not, nothing of it is called.
    func accept(_ work: Work) -> Bool {
        let startsThread: Bool? = state.withLock { state in
            guard state.waiting.count < limit else { return nil }
            state.waiting.append(work)
            guard state.running < width else { return false }
            state.running += 1
            return true
        }
        guard let startsThread else { return false }
        if startsThread, !startThread() { giveUp() }
        return true
    }

    /// No thread was to be had. Those that run will do the work; without any, all that waits has failed.
    private func giveUp() {
        let stranded = state.withLock { state -> [Work] in
            state.running -= 1
            guard state.running == 0 else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for work in stranded { work.fail() }
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
        while let work = next() { work.run() }
    }

    /// The oldest work; with none left this thread counts as ended.
    private func next() -> Work? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.running -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
    }
}
