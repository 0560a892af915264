import Authority
import Dispatch
import Synchronization
import Testing

@testable import SignIn

@Suite struct `The line before password hashing, A12` {
    private func order(of line: inout FairLine<String>) -> [String] {
        var order: [String] = []
        while let work = line.next() { order.append(work) }
        return order
    }

    @Test func `lets sources take turns, each in its own order`() {
        var line = FairLine<String>(limit: 256, limitPerSource: 100)
        for number in 0..<60 { #expect(line.join("a\(number)", from: "a").isTaken == true) }
        #expect(line.join("b0", from: "b").isTaken == true)
        #expect(line.next() == "a0")
        #expect(line.join("c0", from: "c").isTaken == true)
        #expect(line.join("b1", from: "b").isTaken == true)
        #expect(Array(order(of: &line).prefix(6)) == ["b0", "a1", "c0", "b1", "a2", "a3"])
        #expect(line.count == 0)
        #expect(line.next() == nil)
    }

    @Test func `holds no more of one source than its share`() {
        var line = FairLine<String>(limit: 256, limitPerSource: 32)
        let taken = (0..<60).count { line.join("a\($0)", from: "a").isTaken }
        #expect(taken == 32)
        #expect(line.join("b0", from: "b").isTaken == true)
        #expect(line.count == 33)
    }

    @Test func `makes room at the end of its longest part for a source that has less`() {
        var line = FairLine<String>(limit: 6, limitPerSource: 4)
        for number in 0..<4 { #expect(line.join("a\(number)", from: "a").isTaken == true) }
        for number in 0..<2 { #expect(line.join("b\(number)", from: "b").isTaken == true) }
        guard case .takenInstead(of: "a3") = line.join("c0", from: "c") else {
            return #expect(Bool(false), "c must find room")
        }
        #expect(line.count == 6)
        // Nobody has more than one above what these would have.
        for source in ["a", "b"] {
            guard case .full = line.join("more", from: source) else {
                return #expect(Bool(false), "\(source) must not")
            }
        }
        #expect(order(of: &line) == ["a0", "b0", "c0", "a1", "b1", "a2"])
    }

    @Test func `forgets who leaves`() {
        var line = FairLine<String>(limit: 6, limitPerSource: 4)
        for work in ["a0", "a1", "b0"] { _ = line.join(work, from: String(work.prefix(1))) }
        #expect(line.leave { $0.hasSuffix("0") }.sorted() == ["a0", "b0"])
        #expect(line.count == 1)
        #expect(order(of: &line) == ["a1"])
    }
}

extension FairLine.Verdict {
    fileprivate var isTaken: Bool {
        guard case .taken = self else { return false }
        return true
    }
}

/// Hashing on one thread that is held at its first hash until told to go on.
private final class HeldHashing: Sendable {
    private let gate = DispatchSemaphore(value: 0)
    private let began = Mutex(0)
    private let time = Mutex<UInt64>(0)
    private let made = Mutex<Argon2Hashing?>(nil)

    init(queuePerSource: Int = .max) {
        let hashing = Argon2Hashing(
            cost: Argon2Cost(memory: 256, passes: 2, lanes: 1), threads: 1, queuePerSource: queuePerSource,
            patience: 30, random: { [UInt8](repeating: 7, count: $0) },
            observe: { [self] moment in
                guard moment == .began else { return }
                let number = began.withLock { count in
                    count += 1
                    return count
                }
                if number == 1 { gate.wait() }
            }, clock: { [self] in time.withLock { $0 } })
        made.withLock { $0 = hashing }
    }

    var hashes: Int { began.withLock { $0 } }
    var waiting: Int { made.withLock { $0?.waiting ?? 0 } }

    func step(seconds: UInt64) { time.withLock { $0 += seconds * 1_000_000_000 } }
    func release() { gate.signal() }

    /// - Returns: What it came to; nil for an answer.
    func compare(
        from network: String, isGone: @escaping @Sendable () -> Bool = { false }
    ) async
        -> HashingError?
    {
        guard let hashing = made.withLock({ $0 }) else { return .busy }
        return await Asking.$current.withValue(Asking(network: network, isGone: isGone)) {
            do throws(HashingError) {
                _ = try await hashing.matches([1], nil)
                return nil
            } catch {
                return error
            }
        }
    }

    /// Nobody is told that somebody waits.
    func until(_ isSo: () -> Bool) async throws {
        while !isSo() { try await Task.sleep(for: .milliseconds(2)) }  // polls: the length of the line
    }
}

@Suite(.timeLimit(.minutes(5))) struct `Password hashing under a flood` {
    @Test func `A12 tells one source that it has enough waiting, and takes the next`() async throws {
        let held = HeldHashing(queuePerSource: 4)
        let first = Task { await held.compare(from: "192.0.2.1") }
        try await held.until { held.hashes == 1 }
        var flood: [Task<HashingError?, Never>] = []
        for number in 1...4 {
            flood.append(Task { await held.compare(from: "192.0.2.1") })
            try await held.until { held.waiting == number }
        }
        #expect(await held.compare(from: "192.0.2.1") == .busy)
        let other = Task { await held.compare(from: "198.51.100.7") }
        try await held.until { held.waiting == 5 }
        held.release()
        for task in [first, other] + flood { #expect(await task.value == nil) }
        #expect(held.hashes == 6)
    }

    @Test func `A12 does nothing for a request that was cancelled`() async throws {
        let held = HeldHashing()
        let first = Task { await held.compare(from: "192.0.2.1") }
        try await held.until { held.hashes == 1 }
        let second = Task { await held.compare(from: "192.0.2.1") }
        try await held.until { held.waiting == 1 }
        second.cancel()
        #expect(await second.value == .busy)
        #expect(held.waiting == 0)
        held.release()
        #expect(await first.value == nil)
        #expect(held.hashes == 1)
    }

    @Test func `A12 does nothing for a caller who hung up, nor after its time`() async throws {
        let held = HeldHashing()
        let first = Task { await held.compare(from: "192.0.2.1") }
        try await held.until { held.hashes == 1 }
        let gone = Task { await held.compare(from: "192.0.2.1") { true } }
        let late = Task { await held.compare(from: "192.0.2.1") }
        try await held.until { held.waiting == 2 }
        held.step(seconds: 31)
        let fresh = Task { await held.compare(from: "192.0.2.1") }
        try await held.until { held.waiting == 3 }
        held.release()
        #expect(await first.value == nil)
        #expect(await gone.value == .busy)
        #expect(await late.value == .busy)
        #expect(await fresh.value == nil)
        #expect(held.hashes == 2)
    }
}
