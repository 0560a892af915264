import CPosix
import Glibc
import Posix
package import SSHFormats

/// A session that was ended, and by what it had come.
package struct EndedSession: Hashable, Sendable {
    package let login: String
    /// Numeric address that it came from.
    package let source: String
    /// nil for a plain key.
    package let serial: UInt64?
    package let key: Fingerprint
}

/// Ends live sessions that came by what is revoked: exactly these.
///
/// What a session came by is what sshd wrote when it let it in, found by the other end of the connection: nothing that the
/// session's own processes could change. A process is held by a descriptor (pidfd_open(2)) and looked at again before
/// anything is sent to it, so that nobody is hurt whose process has the number of one that ended meanwhile.
package struct SessionEnder: Sendable {
    private let sshd: SSHD
    private let programs: Set<String>
    private let log: SSHDLog

    /// - Throws: ``Fault`` `sessions-unknown` where nothing tells sessions apart.
    package init(_ settings: AgentSettings) throws(Fault) {
        guard let log = settings.sshdLog.map({ SSHDLog.file($0) }) ?? SSHDLog.usual else {
            throw Fault(
                "sessions-unknown",
                "no journal of systemd: sessions are told apart by sshd's own log alone (sshd -E, --sshd-log)"
            )
        }
        self.log = log
        sshd = SSHD(settings)
        programs = [
            settings.sshd, "/usr/lib/openssh/sshd-session", "/usr/libexec/openssh/sshd-session",
        ]
    }

    /// Ends the sessions that came by what `order` names, as far as `revoked` has it too.
    ///
    /// - Parameters:
    ///   - order: What the authority wants ended.
    ///   - revoked: The list in force, which is signed: nobody else's session is ever ended.
    ///   - authorities: The CA keys whose serials are meant.
    /// - Throws: ``Fault`` `sessions-unknown`, `sshd-run`, `sshd-test`.
    package func end(
        _ order: KRL, revoked: KRL, by authorities: Set<Fingerprint>
    ) throws(Fault) -> [EndedSession] {
        let live = try connections()
        guard let oldest = live.map(\.startedAt).min() else { return [] }
        let logins = Dictionary(grouping: try log.logins(since: oldest), by: \.connection)
        var meant: [LiveConnection] = []
        var ended: [EndedSession] = []
        for connection in live {
            let mine = connection.admissions(among: logins[connection.end] ?? [])
            guard let login = mine.first(where: { $0.isMeant(by: order, and: revoked, authorities) }),
                let key = login.key
            else { continue }
            meant.append(connection)
            ended.append(
                EndedSession(
                    login: login.login, source: login.connection.address, serial: login.certificate?.serial,
                    key: key))
        }
        end(meant)
        return ended
    }

    /// Every connection that our sshd serves, with the processes that hold it.
    private func connections() throws(Fault) -> [LiveConnection] {
        let table = ProcessTable()
        let ports = try sshd.effective().ports
        var servers: [ConnectionEnd: [ProcessTable.Entry]] = [:]
        for entry in table.entries.values where isSSHD(entry) {
            let ends = ConnectionTable.ends(seenBy: entry.pid, to: ports)
            for socket in ProcessTable.sockets(entry.pid) {
                if let end = ends[socket] { servers[end, default: []].append(entry) }
            }
        }
        return servers.map { LiveConnection(end: $0, servers: $1) }
    }

    private func isSSHD(_ entry: ProcessTable.Entry) -> Bool {
        ProcessTable.program(entry.pid).map(programs.contains) ?? false
    }

    /// First as sshd and shells expect it, so that they can tidy up; who stays after a second is killed.
    private func end(_ connections: [LiveConnection]) {
        guard !connections.isEmpty else { return }
        let servers = connections.flatMap(\.servers)
        let family = ProcessTable().family(of: servers) { isSSHD($0) && ProcessTable.isRoot($0.pid) ?? false }
        let held = family.filter { $0.pid != getpid() && $0.pid > 1 }.compactMap { HeldProcess($0) }
        for process in held { process.send(servers.contains(process.entry) ? SIGTERM : SIGHUP) }
        let deadline = Deadline.after(milliseconds: 1_000)
        for process in held { process.wait(until: deadline) }
        for process in held { process.send(SIGKILL) }
    }
}

/// A process that stays the same one for as long as it is held.
final class HeldProcess {
    let entry: ProcessTable.Entry
    private let descriptor: Int32

    /// - Returns: nil where it has gone, or its number is another's now.
    init?(_ entry: ProcessTable.Entry) {
        let descriptor = posix_hold_process(entry.pid)
        guard descriptor >= 0 else { return nil }
        self.entry = entry
        self.descriptor = descriptor
        guard ProcessTable.entry(entry.pid)?.started == entry.started else { return nil }
    }

    deinit { close(descriptor) }

    func send(_ signal: Int32) { _ = posix_signal_held(descriptor, signal) }

    func wait(until deadline: Deadline) {
        let now = MonotonicClock.now()
        guard now < deadline.nanoseconds else { return }
        _ = posix_wait(
            descriptor, Int16(POLLIN), Int32(clamping: (deadline.nanoseconds - now) / 1_000_000 + 1))
    }
}

/// A connection that sshd serves at present.
private struct LiveConnection {
    let end: ConnectionEnd
    /// As whoever logged in runs, and as root.
    let servers: [ProcessTable.Entry]

    /// A moment before the oldest of its processes began.
    var startedAt: UnixTime {
        let ticks = servers.map(\.started).min() ?? 0
        let age = MonotonicClock.now() / 1_000_000_000
        let started = ticks / UInt64(max(sysconf(Int32(_SC_CLK_TCK)), 1))
        return UnixTime(WallClock.now()).advanced(by: Int64(clamping: started) - Int64(clamping: age) - 2)
    }

    /// By what it was let in: the last acceptance that is about these ends, and what was shown on the way to it. Earlier
    /// lines are about a connection that has ended; so are those that another process wrote.
    func admissions(among lines: [AcceptedLogin]) -> [AcceptedLogin] {
        let mine = lines.filter { line in line.pid.map { pid in servers.contains { $0.pid == pid } } ?? true }
        guard let last = mine.lastIndex(where: { !$0.isPartial }) else { return [] }
        let before = mine[..<last]
        let start = before.lastIndex { !$0.isPartial }.map { $0 + 1 } ?? before.startIndex
        return Array(mine[start...last])
    }
}

extension AcceptedLogin {
    /// Whether both lists have it: the serial, if one of these authorities gave it, or the key.
    func isMeant(by order: KRL, and revoked: KRL, _ authorities: Set<Fingerprint>) -> Bool {
        if let key, [order, revoked].allSatisfy({ $0.fingerprints.contains(key) }) { return true }
        guard let certificate, authorities.contains(certificate.authority) else { return false }
        return [order, revoked].allSatisfy { $0.revokes(serial: certificate.serial) }
    }
}

extension KRL {
    /// Whoever signed it.
    fileprivate func revokes(serial: UInt64) -> Bool {
        serial != 0 && certificates[[]].map { $0.serials.contains(serial) } ?? false
    }
}

extension EffectiveConfiguration {
    /// Those that it listens on.
    fileprivate var ports: Set<UInt16> {
        let listened = values("listenaddress").compactMap { text in
            text.utf8.lastIndex(of: UInt8(ascii: ":")).flatMap { UInt16(text[text.index(after: $0)...]) }
        }
        return Set(listened + values("port").compactMap { UInt16($0) })
    }
}
