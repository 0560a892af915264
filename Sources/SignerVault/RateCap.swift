import SignerProtocol
import Synchronization

/// At most so many signatures per second, with as many at once: a token bucket.
final class RateCap: Sendable {
    private let rate: Double
    private let state: Mutex<State>

    private struct State {
        var tokens: Double
        /// Nanoseconds of the monotonic clock.
        var filledAt: UInt64
    }

    init(perSecond rate: UInt32, now: UInt64) {
        self.rate = Double(rate)
        state = Mutex(State(tokens: Double(rate), filledAt: now))
    }

    /// Takes one.
    ///
    /// - Parameter now: Nanoseconds of the monotonic clock.
    /// - Throws: ``SignerFault`` with ``SignerFault/Code/rateLimited``.
    func take(now: UInt64) throws(SignerFault) {
        let taken = state.withLock { state in
            let passed = now > state.filledAt ? now - state.filledAt : 0
            state.tokens = min(rate, state.tokens + rate * Double(passed) / 1e9)
            state.filledAt = max(now, state.filledAt)
            guard state.tokens >= 1 else { return false }
            state.tokens -= 1
            return true
        }
        guard taken else {
            throw SignerFault(.rateLimited, "more than \(Int(rate)) signatures per second by this key")
        }
    }
}
