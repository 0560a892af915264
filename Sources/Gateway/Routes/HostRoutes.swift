import Authority
import AuthorityAPI
import Names
import SSHFormats
import Synchronization

/// Bounds the calls that wait for hosts: beyond it, the answer is what is known now.
final class Patience: Sendable {
    private let waiting = Mutex(0)
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Whether one more may wait; then ``leave()`` must follow.
    func enter() -> Bool {
        waiting.withLock { waiting in
            guard waiting < limit else { return false }
            waiting += 1
            return true
        }
    }

    func leave() { waiting.withLock { $0 -= 1 } }
}

extension Routes {
    func hostAcknowledgement(_ call: Call) async throws -> Answer {
        let request = try call.message(HostAcknowledgementRequest.self)
        guard request.faults.count <= HostAcknowledgement.faultLimit,
            request.faults.allSatisfy(Self.isFaultCode)
        else { throw DoorError.badRequest("faults: at most 32 codes") }
        let told = request.ended ?? []
        guard told.count <= HostAcknowledgement.endedLimit else {
            throw DoorError.badRequest("ended: at most 64 sessions")
        }
        var ended: [EndedSession] = []
        for session in told { ended.append(try EndedSession(session)) }
        let newest = try await authority.hosts.acknowledge(
            HostStateNumber(epoch: request.epoch, version: request.version), issuedAt: request.issuedAt,
            isEnforced: request.enforced, faults: request.faults, ended: ended, by: try call.requester)
        return .json(HostAcknowledgementReply(stateVersion: newest))
    }

    func hosts(_ call: Call) async throws -> Answer {
        try call.query.only("missing", "after", "limit")
        let after = try call.query.text("after").map { text in
            try Field.name("after") { () throws(NameError) in try Name(host: text) }
        }
        let limit = Int(clamping: min(max(try call.query.number("limit") ?? 500, 1), 500))
        let found = try await authority.hosts.list(
            missing: try call.query.number("missing"), after: after, limit: limit, by: try call.requester)
        return .json(HostListReply(hosts: found.map(HostListReply.Host.init), more: found.count == limit))
    }

    /// Waits for hosts where it is asked to, a few seconds at most: the caller asks again.
    func enforcement(_ call: Call) async throws -> Answer {
        try call.query.only("version", "wait")
        let (version, wait) = (try call.query.number("version"), try call.query.number("wait") ?? 0)
        let requester = try call.requester
        let end = ContinuousClock.now + .seconds(Int64(min(wait, Self.longestWait)))
        let mayWait = wait > 0 && patience.enter()
        defer { if mayWait { patience.leave() } }
        var pause = Duration.milliseconds(50)
        while true {
            let (state, found) = try await authority.hosts.enforcement(of: version, for: requester)
            guard mayWait, !found.isWhole, ContinuousClock.now + pause < end else {
                return .json(EnforcementReply(state.version, found))
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(400))
        }
    }

    /// Seconds.
    private static let longestWait: UInt64 = 5

    private static func isFaultCode(_ text: String) -> Bool {
        (1...HostAcknowledgement.faultLength).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

extension EndedSession {
    fileprivate init(_ told: HostAcknowledgementRequest.EndedSession) throws(AuthorityError) {
        self.init(
            login: try Field.name("ended: login") { () throws(NameError) in try Login(told.login) },
            source: try Field.place("ended: source", told.source), serial: told.serial,
            key: try Field.fingerprint("ended: key", told.key))
    }
}

extension EnforcementReply {
    fileprivate init(_ version: UInt64, _ found: Enforcement) {
        self.init(
            stateVersion: version, hosts: UInt64(found.hosts), enforcing: UInt64(found.enforcing),
            suspended: UInt64(found.suspended), endedSessions: found.endedSessions)
    }
}

extension HostListReply.Host {
    fileprivate init(_ host: HostFound) {
        let said = host.acknowledged
        self.init(
            name: host.id.name.text, status: host.status.rawValue, enrolled: host.isEnrolled,
            stateVersion: said?.state.version, enforced: said?.isEnforced, faults: said?.faults,
            since: host.since?.seconds, seenAt: said?.at.seconds)
    }
}
