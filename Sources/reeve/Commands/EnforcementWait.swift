import AuthorityAPI
import AuthorityClient

/// Waits until all hosts enforce a version of the host state, or no longer.
struct EnforcementWait {
    let version: UInt64
    /// How long at most.
    let seconds: UInt64
    /// From when on the time is counted.
    let since: ContinuousClock.Instant

    func report(_ connection: AuthorityConnection) async throws -> EnforcementReport {
        let end = ContinuousClock.now + .seconds(Int64(clamping: min(seconds, 86_400)))
        var found = try await look(connection, until: end)
        while found.enforcing < found.hosts, ContinuousClock.now < end {
            found = try await look(connection, until: end)
        }
        let elapsed = (ContinuousClock.now - since) / .seconds(1)
        return EnforcementReport(
            found, seconds: (elapsed * 10).rounded() / 10, missing: try await missing(found, connection))
    }

    private func look(
        _ connection: AuthorityConnection, until end: ContinuousClock.Instant
    ) async throws -> EnforcementReply {
        let left = max(0, Int((end - ContinuousClock.now) / .seconds(1)))
        let began = ContinuousClock.now
        let query = [(name: "version", value: "\(version)"), (name: "wait", value: "\(min(left + 1, 5))")]
        let found = try await connection.call(.enforcement, query: query, as: EnforcementReply.self).0
        // A server where too many wait already answers at once.
        if found.enforcing < found.hosts, ContinuousClock.now - began < .milliseconds(500), left > 0 {
            try await Task.sleep(for: .milliseconds(500))
        }
        return found
    }

    /// By name; nil to somebody who may not read names.
    private func missing(
        _ found: EnforcementReply, _ connection: AuthorityConnection
    ) async throws -> [HostListReply.Host]? {
        guard found.enforcing < found.hosts || found.suspended > 0 else { return [] }
        do throws(ClientError) { return try await connection.hosts(missing: version) } catch {
            guard case .refused(let problem) = error, problem.status == 403 else { throw error }
            return nil
        }
    }
}

/// How many hosts enforce a state, and which do not.
struct EnforcementReport: Encodable {
    let stateVersion: UInt64
    let hosts: UInt64
    let enforcing: UInt64
    let suspended: UInt64
    let endedSessions: UInt64
    let complete: Bool
    /// Until that was known; nil where nobody waited.
    let seconds: Double?
    let missing: [HostListReply.Host]?

    init(_ found: EnforcementReply, seconds: Double?, missing: [HostListReply.Host]?) {
        stateVersion = found.stateVersion
        hosts = found.hosts
        enforcing = found.enforcing
        suspended = found.suspended
        endedSessions = found.endedSessions
        complete = found.enforcing == found.hosts
        self.seconds = seconds
        self.missing = missing
    }

    /// `241 of 243 hosts enforce it after 1.8 s; 2 not seen since 2026-01-31T12:00:00Z`, then each of the two.
    var lines: [String] {
        var head = "\(enforcing) of \(hosts) hosts enforce it"
        if let seconds { head += " after \(seconds) s" }
        let all = missing ?? []
        let counted = all.filter { $0.status == "active" }
        let unaware = counted.filter { !($0.stateVersion.map { $0 >= stateVersion } ?? false) }
        let idle = counted.count - unaware.count
        let seen = unaware.compactMap(\.seenAt)
        var rest: [String] = []
        if let last = seen.max() { rest.append("\(seen.count) not seen since \(Moment.text(last))") }
        if seen.count < unaware.count { rest.append("\(unaware.count - seen.count) never seen") }
        if idle > 0 { rest.append("\(idle) have it, but sshd does not go by it") }
        if endedSessions > 0 {
            rest.append("\(endedSessions) live session\(endedSessions == 1 ? "" : "s") ended")
        }
        if missing == nil, !complete { rest.append("the names are for whoever has a role on the authority") }
        return [([head] + rest).joined(separator: "; ")] + all.map { "  " + $0.standing }
    }
}

extension HostListReply.Host {
    /// Where it stands, in words: `web1  state 41, seen 2026-01-31T12:00:00Z`.
    var standing: String { ([name] + [facts]).joined(separator: "  ") }

    var facts: String {
        guard enrolled else { return "no agent is enrolled" }
        var words = status == "active" ? [] : ["\(status): hears nothing"]
        words.append(stateVersion.map { "state \($0)" } ?? "nothing acknowledged yet")
        if enforced == false { words.append("sshd does not go by it") }
        if let faults, !faults.isEmpty { words.append(faults.joined(separator: " ")) }
        if let seenAt { words.append("seen \(Moment.text(seenAt))") }
        return words.joined(separator: ", ")
    }
}

extension AuthorityConnection {
    /// Hosts in order of name; with a version, those that do not enforce it.
    func hosts(missing version: UInt64? = nil) async throws(ClientError) -> [HostListReply.Host] {
        var all: [HostListReply.Host] = []
        while true {
            var query = all.suffix(1).map { (name: "after", value: $0.name) }
            if let version { query.append((name: "missing", value: "\(version)")) }
            let page = try await call(.hosts, query: query, as: HostListReply.self).0
            all += page.hosts
            guard page.more, !page.hosts.isEmpty else { return all }
        }
    }
}
