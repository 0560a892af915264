import Authority
import Synchronization

/// What a fact may move of all that decides who may do what.
struct Standing: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    /// Sessions, with the identities and devices that they stand for.
    static let sessions = Standing(rawValue: 1)
    /// Hosts and the policy.
    static let places = Standing(rawValue: 2)

    /// Each part alone, in the order in which their counts are read.
    static let parts = [Standing.sessions, .places]

    /// The row that counts its moves, where several processes write.
    var counter: String { self == .sessions ? "standing sessions" : "standing places" }
}

extension Fact {
    /// What must be read again because of it.
    var moves: Standing {
        switch self {
        case .sessionUsed, .factorsShown, .sessionEnded, .sessionsEnded: .sessions
        case .policyApplied: .places
        case .identityAdded, .identityChanged: [.sessions, .places]
        // Two processes must not both change what they read before.
        case .provisioned: .places
        case .keyRegistered, .keyChanged, .keyReauthorized, .keyUsed, .factorSet, .signInPending,
            .signInDecided,
            .passkeyAsked, .passkeyMoved, .passkeyAdded, .passkeyUsed, .passkeyRemoved,
            .browserSignInAsked, .browserSignInMoved, .recoveryCodesSet,
            .recoveryCodeUsed, .noticed, .linkMade, .linkRedeemed, .linkCompleted,
            .sessionStarted, .upstreamLinked, .upstreamUnlinked, .upstreamStood, .upstreamAsked, .groupsSet,
            .totpStepTaken, .certificateIssued, .approvalAsked, .approvalVoted, .approvalUsed, .approvalEnded,
            .revoked, .caKey, .hostStateMoved, .hostAcknowledged, .hostBegun, .hostClockSeen,
            .unmoved:
            []
        }
    }
}

/// Counts how often each part of the standing moved. What was read at one count is still true at the same count.
///
/// Where this process is the only one that writes, the counts stand in memory; else in the database, moved by the
/// transaction that moves what they count.
final class StandingCounts: Sendable {
    private let connection: any SQLConnection
    private let points: ReadQueues
    /// Whether other processes write too.
    var isShared: Bool { connection.isShared }
    private let own = Mutex<[Standing: UInt64]>([:])

    init(_ connection: any SQLConnection, _ points: ReadQueues) {
        self.connection = connection
        self.points = points
    }

    /// The count that covers everything committed before the request under way began, or before the call where there
    /// is none (``RequestScope``).
    func known(_ part: Standing) async throws(StoreError) -> UInt64 {
        guard connection.isShared else { return own.withLock { $0[part, default: 0] } }
        if let counts = RequestScope.current?.counts { return Self.one(part, of: counts) }
        return try await now(part)
    }

    /// The count that covers everything committed before the call.
    func now(_ part: Standing) async throws(StoreError) -> UInt64 {
        guard connection.isShared else { return own.withLock { $0[part, default: 0] } }
        let counts = try await points.perform { session throws(StoreError) in try Self.all(session) }
        RequestScope.current?.keep(counts)
        return Self.one(part, of: counts)
    }

    /// Every count, in the order of ``Standing/parts``, by one statement.
    private static func all(_ session: any SQLSession) throws(StoreError) -> [UInt64] {
        let rows = try session.rows(
            "SELECT name, value FROM counter WHERE name IN (?, ?)", Standing.parts.map { .text($0.counter) })
        var counts = Standing.parts.map { _ in UInt64(0) }
        for row in rows {
            let name = try row.text(0)
            guard let index = Standing.parts.firstIndex(where: { $0.counter == name }) else { continue }
            counts[index] = try row.count(1)
        }
        return counts
    }

    private static func one(_ part: Standing, of counts: [UInt64]) -> UInt64 {
        zip(Standing.parts, counts).first { $0.0 == part }?.1 ?? 0
    }

    /// The same within a transaction that nothing moves beside.
    func now(_ part: Standing, _ session: any SQLSession) throws(StoreError) -> UInt64 {
        guard connection.isShared else { return own.withLock { $0[part, default: 0] } }
        return try session.row("SELECT value FROM counter WHERE name = ?", [.text(part.counter)])?.count(0)
            ?? 0
    }

    /// In the transaction that moves it, before its commit.
    func willMove(_ moved: Standing, _ session: any SQLSession) throws(StoreError) {
        guard connection.isShared else { return }
        for part in Standing.parts where moved.contains(part) {
            try session.send(
                """
                INSERT INTO counter (name, value) VALUES (?, 1)
                ON CONFLICT (name) DO UPDATE SET value = counter.value + 1
                """,
                [.text(part.counter)])
        }
    }

    /// After its commit, and before anybody is told of it.
    func didMove(_ moved: Standing) {
        guard !moved.isEmpty, !connection.isShared else { return }
        own.withLock { own in
            for part in Standing.parts where moved.contains(part) { own[part, default: 0] += 1 }
        }
    }
}

/// Answers that were read at one count, for as long as that count stands. Bounded: when it is full it begins anew.
final class StandingCache<Question: Hashable & Sendable, Answer: Sendable>: Sendable {
    private struct State {
        var count: UInt64 = 0
        var answers: [Question: Answer] = [:]
    }

    private let state = Mutex(State())
    private let part: Standing
    private let counts: StandingCounts
    private let limit: Int

    init(_ part: Standing, _ counts: StandingCounts, limit: Int = 16_384) {
        self.part = part
        self.counts = counts
        self.limit = limit
    }

    /// The answer held, or what `read` finds now. That there is no answer is not held.
    func answer(
        to question: Question, _ read: () async throws(StoreError) -> Answer?
    ) async throws(StoreError) -> Answer? {
        let count = try await counts.known(part)
        if let held = state.withLock({ $0.count == count ? $0.answers[question] : nil }) { return held }
        // The count was taken first: what changes meanwhile has a higher one, and this answer is not given again.
        guard let answer = try await read() else { return nil }
        state.withLock { state in
            guard count >= state.count else { return }
            if count > state.count || state.answers.count >= limit {
                state.answers.removeAll(keepingCapacity: true)
            }
            state.count = count
            state.answers[question] = answer
        }
        return answer
    }
}
