import Posix
package import SSHFormats
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Which login sessions of this host came by which certificates.
///
/// Kept in a folder in memory (/run), so that a restart of the agent forgets none and a restart of the machine all.
package final class LoginSessions: Sendable {
    /// Most that are kept; then those go that ended first.
    package static let limit = 4_096
    /// Seconds after the end of its certificate for which an ended one is kept: whoever attaches to their tmux on the
    /// next day has logged in anew, and that renews it.
    private static let keptFor: Int64 = 604_800

    private let folder: String
    private let table: Mutex<[LoginSession]>

    /// Reads those that are kept in the folder; a damaged one counts as none.
    package init(_ folder: String) {
        self.folder = folder
        table = Mutex(Self.load(folder))
    }

    /// All that are known, ended ones too while something of them may run.
    package var all: [LoginSession] { table.withLock { $0 } }

    /// Those that came by this certificate.
    package func sessions(by serial: UInt64, of authority: PublicKey) -> [LoginSession] {
        all.filter { $0.certificate.serial == serial && $0.certificate.signatureKey == authority }
    }

    /// Takes a new one in.
    ///
    /// - Parameter origin: Of sshd's process for it.
    package func open(
        login: String, certificate: Certificate, connection: String, _ origin: ProcessOrigin,
        at now: UnixTime
    ) throws(Fault) {
        guard let process = origin.ancestors.first else {
            throw Fault("session-unknown", "the kernel does not say which process this login is")
        }
        let session = LoginSession(
            process: process, login: login, certificate: certificate, connection: connection, openedAt: now,
            closedAt: nil, audit: origin.ownAudit, scope: origin.ownScope)
        let (changed, gone) = table.withLock { sessions in
            let shared = Self.separate(&sessions, from: origin)
            sessions.removeAll { $0.process == process }
            sessions.append(session)
            return (shared + [session], Self.prune(&sessions, at: now))
        }
        for one in gone { try? DurableFile(folder + "/" + one.name).remove() }
        for one in changed { try save(one) }
    }

    /// Notes that sshd ended it.
    package func close(_ origin: ProcessOrigin, at now: UnixTime) {
        let closed: LoginSession? = table.withLock { sessions in
            guard let index = sessions.firstIndex(where: { $0.process == origin.ancestors.first }) else {
                return nil
            }
            sessions[index].closedAt = now
            return sessions[index]
        }
        if let closed { try? save(closed) }
    }

    /// The one that a process belongs to: that of the nearest ancestor which is a login; for what has left its ancestors
    /// (tmux, mosh), that of its audit session, then of its scope.
    package func session(of origin: ProcessOrigin) -> LoginSession? {
        table.withLock { sessions in
            for process in origin.ancestors {
                if let session = sessions.last(where: { $0.process == process }) { return session }
            }
            if let audit = origin.audit, let session = sessions.last(where: { $0.audit == audit }) {
                return session
            }
            guard let scope = origin.scope else { return nil }
            return sessions.last { $0.scope == scope && ($0.audit == nil || $0.audit == origin.audit) }
        }
    }

    /// A mark that another login has as well tells nobody apart, so none keeps it.
    private static func separate(
        _ sessions: inout [LoginSession], from origin: ProcessOrigin
    ) -> [LoginSession] {
        var changed: [LoginSession] = []
        for index in sessions.indices where sessions[index].process != origin.ancestors.first {
            let before = sessions[index]
            if let audit = origin.audit, before.audit == audit { sessions[index].audit = nil }
            if let scope = origin.scope, before.scope == scope { sessions[index].scope = nil }
            if sessions[index] != before { changed.append(sessions[index]) }
        }
        return changed
    }

    /// Forgets those that ended, whose certificate has too, long ago, and the oldest beyond the limit.
    private static func prune(_ sessions: inout [LoginSession], at now: UnixTime) -> [LoginSession] {
        let before = sessions
        sessions.removeAll { $0.closedAt != nil && $0.certificate.validBefore.advanced(by: keptFor) <= now }
        if sessions.count > limit {
            let ended = sessions.filter { $0.closedAt != nil }.sorted { $0.openedAt < $1.openedAt }
            let open = sessions.filter { $0.closedAt == nil }
            let gone = Set((ended + open).prefix(sessions.count - limit).map(\.process))
            sessions.removeAll { gone.contains($0.process) }
        }
        let kept = Set(sessions.map(\.process))
        return before.filter { !kept.contains($0.process) }
    }

    private func save(_ session: LoginSession) throws(Fault) {
        do throws(PosixError) { try Folder(folder).make(mode: 0o700) } catch {
            throw Fault("file", "\(error)")
        }
        try AgentJSON.save(StoredLoginSession(session), to: folder + "/" + session.name, mode: 0o600)
    }

    private static func load(_ folder: String) -> [LoginSession] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let sessions = names.filter { $0.hasSuffix(".json") }.compactMap { name -> LoginSession? in
            guard let bytes = try? DurableFile(folder + "/" + name).read(limit: 1_048_576) else { return nil }
            return (try? JSONDecoder().decode(StoredLoginSession.self, from: Data(bytes)))?.session
        }
        return sessions.sorted { $0.openedAt < $1.openedAt }
    }
}
