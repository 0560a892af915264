import Authority
import Posix

/// One transaction of PostgreSQL.
///
/// A hopeful one does not wait for statements whose effect is nearly always the same: they leave together with the
/// next one that must be waited for, so that a whole group of entries costs three round trips. Where one of them did
/// something else, ``isMistaken`` is set and the transaction ends; it is then done again with an eye on each.
final class PostgresSession: SQLSession {
    private let link: PostgresLink
    private let isHopeful: Bool
    /// What each statement under way is thought to change; nil where it does not matter.
    private var expected: [Int?] = []
    private(set) var isMistaken = false
    /// What ended the whole transaction, whoever asks next.
    private(set) var ending: LinkError?

    init(_ link: PostgresLink, isHopeful: Bool) {
        self.link = link
        self.isHopeful = isHopeful
    }

    @discardableResult
    func run(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> Int {
        try send(sql, values, expecting: nil)
        return try settle()?.changed ?? 0
    }

    func run(_ sql: String, _ values: [SQLValue], usually count: Int) throws(StoreError) -> Int {
        guard isHopeful else { return try run(sql, values) }
        try send(sql, values, expecting: count)
        return count
    }

    func send(_ sql: String, _ values: [SQLValue]) throws(StoreError) {
        try send(sql, values, expecting: nil)
        // So that its refusal is told to whom it concerns.
        if !isHopeful { _ = try settle() }
    }

    func rows(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> [SQLRow] {
        try send(sql, values, expecting: nil)
        return try settle()?.rows ?? []
    }

    func mark(_ step: PartStep) throws(StoreError) {
        guard isHopeful else {
            for sql in step.statements { try send(sql, [], expecting: nil) }
            return
        }
        guard step == .undo else { return }
        isMistaken = true
        throw .failed(reason: "a part of a hopeful transaction failed")
    }

    /// Every write transaction holds one lock for all that writes (``PostgresWriter``).
    func lock(_ name: String) {}

    func notify(_ topic: String) throws(StoreError) {
        try send("SELECT pg_notify(\(PostgresServer.channel), ?)", [.text(topic)], expecting: nil)
    }

    /// Sends without waiting, whatever comes of it.
    func begin(_ sql: String, _ values: [SQLValue] = []) throws(StoreError) {
        try send(sql, values, expecting: nil)
    }

    /// Waits for everything under way.
    ///
    /// - Returns: The last answer; nil if nothing was under way.
    @discardableResult
    func settle() throws(StoreError) -> PostgresAnswer? {
        if let ending { throw ending.storeError }
        guard !expected.isEmpty else { return nil }
        let expected = expected
        self.expected = []
        let answers: [Result<PostgresAnswer, LinkError>]
        do throws(LinkError) { answers = try link.answers(by: .answer) } catch { throw ended(error) }
        for (position, answer) in answers.enumerated() {
            switch answer {
            case .success(let answer):
                guard let wanted = expected[position], answer.changed != wanted else { continue }
                isMistaken = true
                throw .failed(reason: "a hopeful transaction was mistaken")
            case .failure(let error): throw refused(error, isLast: position == answers.count - 1)
            }
        }
        return try? answers.last?.get()
    }

    private func send(_ sql: String, _ values: [SQLValue], expecting count: Int?) throws(StoreError) {
        if let ending { throw ending.storeError }
        guard values.allSatisfy(\.isStorable) else { throw .failed(reason: "a text holds a zero byte") }
        do throws(LinkError) { try link.send(sql, values) } catch { throw ended(error) }
        expected.append(count)
    }

    /// The last statement's refusal concerns who waits for it; one before it, the whole transaction.
    private func refused(_ error: LinkError, isLast: Bool) -> StoreError {
        if case .refused(let complaint) = error, !complaint.endsLink, !complaint.isTransient {
            if isLast { return error.storeError }
            if isHopeful {
                isMistaken = true
                return error.storeError
            }
        }
        return ended(error)
    }

    private func ended(_ error: LinkError) -> StoreError {
        ending = ending ?? error
        return error.storeError
    }
}

extension SQLValue {
    /// PostgreSQL keeps no text with a zero byte.
    fileprivate var isStorable: Bool {
        guard case .text(let text) = self else { return true }
        return !text.utf8.contains(0)
    }
}

extension Deadline {
    var isOver: Bool { MonotonicClock.now() >= nanoseconds }
    static var answer: Deadline { .after(milliseconds: PostgresServer.answerTimeout) }
}
