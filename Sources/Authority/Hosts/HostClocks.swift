package import Names
package import SSHFormats
import Synchronization

/// Knows the clocks of hosts: each proof of a host says what time it is there. What is kept is the last look at each host, so
/// that every server knows; it is written only where it says something new.
package final class HostClocks: Sendable {
    /// Seconds by which a clock may move before that is new.
    private static let step: UInt64 = 5
    /// Seconds after which a clock that is right, and one that is wrong, is written down again.
    private static let (rightFor, wrongFor): (UInt64, UInt64) = (3_600, 300)
    /// Seconds for which a wrong clock counts: agents come every five minutes, and at once when their clock is set.
    static let believed: Int64 = 1_200
    /// Seconds for which what other servers saw is not looked up again.
    private static let pause: UInt64 = 5
    private static let mostHosts = 65_536

    private struct State {
        var noted: [IdentityID: HostClock] = [:]
        var wrong: [IdentityID: HostClock] = [:]
        var readAt: UnixTime?
    }

    private let store: any Clocks
    private let journal: any Journal
    private let world: World
    private let state = Mutex(State())

    init(store: any Clocks, journal: any Journal, world: World) {
        self.store = store
        self.journal = journal
        self.world = world
    }

    /// Takes the time in a proof that this host signed just now. What cannot be written is no reason to refuse the host.
    package func note(_ host: IdentityID, said time: UnixTime) async {
        let now = world.now()
        let ahead = Int64(clamping: time.seconds).subtractingReportingOverflow(Int64(clamping: now.seconds))
        let clock = HostClock(host: host, ahead: ahead.partialValue, at: now)
        guard !ahead.overflow, isNews(clock) else { return }
        do { _ = try await journal.record(Entry([.hostClockSeen(clock)], event: nil)) } catch {
            // The next proof is news again.
            state.withLock { $0.noted[host] = nil }
        }
    }

    /// What was seen last; for people.
    func clock(of host: IdentityID) async throws(AuthorityError) -> HostClock? {
        do { return try await store.clock(of: host) } catch { throw .store(error) }
    }

    /// - Throws: ``refusal(_:lifetime:)``
    func check(_ host: Name, lifetime: UInt64) async throws(AuthorityError) {
        if let refused = try await refusal(host, lifetime: lifetime) { throw .refused(refused) }
    }

    /// The refusal that names the clock, where the host's sshd would not take a certificate of so many seconds.
    func refusal(_ host: Name, lifetime: UInt64) async throws(AuthorityError) -> Refused? {
        let now = world.now()
        guard let clock = try await wrong(at: now)[IdentityID(.host, host)],
            let objection = clock.objection(toLifetime: lifetime)
        else { return nil }
        return Refused(
            .hostClockWrong, "\(clock.words(at: now)): its sshd would refuse the certificate as \(objection)")
    }

    private func isNews(_ clock: HostClock) -> Bool {
        let isWrong = clock.ahead.magnitude > UInt64(HostClock.bearable)
        return state.withLock { state in
            state.wrong[clock.host] = isWrong ? clock : nil
            if let last = state.noted[clock.host] {
                let moved = clock.ahead.subtractingReportingOverflow(last.ahead)
                let age = clock.at.seconds - min(clock.at.seconds, last.at.seconds)
                let isStep = moved.overflow || moved.partialValue.magnitude > Self.step
                guard isStep || age > (isWrong ? Self.wrongFor : Self.rightFor) else { return false }
            }
            if state.noted.count >= Self.mostHosts { state.noted = [:] }
            state.noted[clock.host] = clock
            return true
        }
    }

    /// The wrong clocks that any server saw of late.
    private func wrong(at now: UnixTime) async throws(AuthorityError) -> [IdentityID: HostClock] {
        let since = now.advanced(by: -Self.believed)
        let isDue = state.withLock { state in
            guard let readAt = state.readAt, readAt <= now, now.seconds - readAt.seconds < Self.pause else {
                state.readAt = now
                return true
            }
            return false
        }
        if isDue {
            let found: [HostClock]
            do {
                found = try await store.clocks(offBy: UInt64(HostClock.bearable), seenAfter: since)
            } catch {
                state.withLock { $0.readAt = nil }
                throw .store(error)
            }
            let clocks = Dictionary(found.map { ($0.host, $0) }) { first, _ in first }
            state.withLock { $0.wrong = clocks }
        }
        return state.withLock { $0.wrong.filter { $0.value.at > since } }
    }
}
