package import Authority
import Posix

/// Argon2id for passwords and recovery codes, on own threads, with a bounded line before them in which the networks of
/// ``Asking`` take turns.
///
/// Unknown accounts take the same way with a hash that nothing matches, so that neither time nor load tells
/// whether a name exists.
package struct Argon2Hashing: PasswordHashing {
    private let cost: Argon2Cost
    private let threads: HashingThreads
    private let dummy: Argon2Hash
    private let random: @Sendable (_ count: Int) -> [UInt8]
    private let observe: @Sendable (HashingMoment) -> Void
    private let patience: UInt64
    private let clock: @Sendable () -> UInt64

    /// - Parameters:
    ///   - threads: How many hashes at once; `max(1, cores / 2)` leaves the other half to requests.
    ///   - queue: How many may wait; beyond, `.busy`.
    ///   - queuePerSource: The same for one network.
    ///   - patience: Seconds; what has waited so long is `.busy` too, and no work is done for it.
    ///   - random: `count` bytes from the system's generator.
    ///   - observe: Told when a hash begins and ends, on its thread; for metrics.
    ///   - clock: Monotonic, nanoseconds.
    package init(
        cost: Argon2Cost = .standard, threads: Int, queue: Int = 256, queuePerSource: Int = .max,
        patience: UInt64 = 30, random: @escaping @Sendable (_ count: Int) -> [UInt8],
        observe: @escaping @Sendable (HashingMoment) -> Void = { _ in },
        clock: @escaping @Sendable () -> UInt64 = { MonotonicClock.now() }
    ) {
        self.cost = cost
        self.threads = HashingThreads(
            width: threads, limit: queue, limitPerSource: queuePerSource, now: clock)
        self.patience = patience * 1_000_000_000
        self.clock = clock
        self.random = random
        self.observe = observe
        dummy = Argon2Hash(dummy: cost, salt: random(Argon2.saltLength), tag: random(Argon2.tagLength))
    }

    /// How many passwords wait to be hashed at present.
    package var waiting: Int { threads.waiting }

    /// - Throws: `.busy`; `.failed` for more than 1,024 bytes, or without memory.
    package func hash(_ password: [UInt8]) async throws(HashingError) -> String {
        let salt = random(Argon2.saltLength)
        return try await onThread(password) { password in Argon2.hash(password, salt: salt, cost: cost) }
    }

    /// - Throws: `.busy`; `.failed` as above, and for a stored hash of another kind or of unbearable cost.
    package func matches(_ password: [UInt8], _ encoded: String?) async throws(HashingError) -> Bool {
        guard let encoded else {
            _ = try await onThread(password) { [dummy] password in Argon2.matches(password, dummy) }
            return false
        }
        guard let hash = Argon2Hash(encoded) else { throw .failed(reason: "not a password hash of ours") }
        return try await onThread(password) { password in Argon2.matches(password, hash) }
    }

    private func onThread<Value: Sendable>(
        _ given: [UInt8], _ work: @escaping @Sendable (Password) -> Result<Value, Argon2Failure>
    ) async throws(HashingError) -> Value {
        guard let password = Password(given) else {
            throw .failed(reason: "longer than \(Password.limit) bytes")
        }
        let id = threads.number()
        let result: Result<Value, HashingError> = await withTaskCancellationHandler {
            await withCheckedContinuation { caller in wait(id, for: password, work, caller) }
        } onCancel: {
            threads.withdraw(id)
        }
        return try result.get()
    }

    private func wait<Value: Sendable>(
        _ id: UInt64, for password: Password,
        _ work: @escaping @Sendable (Password) -> Result<Value, Argon2Failure>,
        _ caller: CheckedContinuation<Result<Value, HashingError>, Never>
    ) {
        let asking = Asking.current
        let nobodyGoes: @Sendable () -> Bool = { false }
        threads.accept(
            HashingThreads.Work(
                id: id,
                run: { [observe] in
                    observe(.began)
                    let result = work(password)
                    observe(.ended)
                    caller.resume(returning: result.mapError { .failed(reason: $0.reason) })
                },
                fail: { caller.resume(returning: .failure($0)) },
                isGone: asking?.isGone ?? nobodyGoes, deadline: clock() + patience),
            from: asking?.network ?? "")
        // Cancelled before it stood in the line, where nobody could take it out.
        if Task.isCancelled { threads.withdraw(id) }
    }
}

package enum HashingMoment: Hashable, Sendable { case began, ended }
