import Authority
import SSHFormats

/// The comparisons of one account and factor within the last day, as they decide on the next.
///
/// A reservation counts as a failure until it is given back. Those of a source are forgotten a day after they
/// were made, and cleared by a success from there; the day's count keeps them until midnight UTC.
struct AttemptCount {
    static let day: UInt64 = 86_400

    private let today: Int
    private let failures: Int
    private let lastFailure: UnixTime

    /// - Parameter rows: Source, time and whether cleared, of every comparison of the last day.
    init(_ rows: [SQLRow], _ attempt: Attempt) throws(StoreError) {
        var (today, failures, last) = (0, 0, UnixTime(0))
        for row in rows {
            let madeAt = try row.time(1)
            if madeAt.seconds / Self.day == attempt.at.seconds / Self.day { today += 1 }
            guard try row.text(0) == attempt.source, try row.integer(2) == 0 else { continue }
            failures += 1
            last = max(last, madeAt)
        }
        (self.today, self.failures, lastFailure) = (today, failures, last)
    }

    func verdict(_ attempt: Attempt, _ limits: AttemptLimits) -> AttemptVerdict {
        var until = UnixTime(0)
        if today >= limits.perDay { until = UnixTime((attempt.at.seconds / Self.day + 1) * Self.day) }
        if failures >= limits.perSource {
            until = max(until, lastFailure.advanced(by: Int64(clamping: delay(limits))))
        }
        return attempt.at < until ? .locked(until: until) : .reserved
    }

    /// `firstDelay`, doubled for each failure beyond `perSource`, up to `longestDelay`.
    private func delay(_ limits: AttemptLimits) -> UInt64 {
        let doublings = UInt64(failures - limits.perSource)
        guard doublings < UInt64(limits.firstDelay.leadingZeroBitCount) else { return limits.longestDelay }
        return min(limits.firstDelay << doublings, limits.longestDelay)
    }
}

extension CommitGroup {
    func reserve(_ attempt: Attempt, _ limits: AttemptLimits) throws(StoreError) -> AttemptVerdict {
        try session.lock("attempt \(attempt.account)")
        let dayAgo = attempt.at.advanced(by: -Int64(AttemptCount.day))
        let rows = try session.rows(
            "SELECT source, made_at, cleared FROM attempt WHERE account = ? AND factor = ? AND made_at > ?",
            [.text(attempt.account), .text(attempt.factor.rawValue), .time(dayAgo)])
        let verdict = try AttemptCount(rows, attempt).verdict(attempt, limits)
        guard verdict == .reserved else { return verdict }
        try session.send(
            "INSERT INTO attempt (id, account, factor, source, made_at, cleared) VALUES (?, ?, ?, ?, ?, 0)",
            [.integer(Int64.random(in: 1...Int64.max))] + attempt.values)
        try session.send(
            "DELETE FROM attempt WHERE id IN (SELECT id FROM attempt WHERE made_at <= ? ORDER BY made_at LIMIT 16)",
            [.time(dayAgo)])
        return verdict
    }

    func settle(_ attempt: Attempt, _ outcome: AttemptOutcome) throws(StoreError) {
        try session.send(
            """
            DELETE FROM attempt WHERE id IN (SELECT id FROM attempt WHERE account = ? AND factor = ?
                AND source = ? AND made_at = ? ORDER BY cleared, id LIMIT 1)
            """,
            attempt.values)
        guard outcome == .succeeded else { return }
        try session.send(
            "UPDATE attempt SET cleared = 1 WHERE account = ? AND factor = ? AND source = ?",
            Array(attempt.values.dropLast()))
    }
}

extension Attempt {
    fileprivate var values: [SQLValue] { [.text(account), .text(factor.rawValue), .text(source), .time(at)] }
}
