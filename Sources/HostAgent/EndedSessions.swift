import AuthorityAPI
import Names
import Posix

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Sessions that were ended and that the authority has not been told of: `ended.json`.
struct EndedSessions: Codable, Hashable, Sendable {
    private(set) var sessions: [HostAcknowledgementRequest.EndedSession] = []

    /// Of more, the oldest are forgotten.
    private static let limit = 4_096
    /// As many as are taken at once.
    private static let most = 64

    /// A damaged file counts as none.
    static func load(_ folder: AgentFolder) -> EndedSessions {
        guard let bytes = try? DurableFile(folder.ended).readIfPresent(limit: 4_194_304) else {
            return EndedSessions()
        }
        return (try? JSONDecoder().decode(EndedSessions.self, from: Data(bytes))) ?? EndedSessions()
    }

    func save(_ folder: AgentFolder) throws(Fault) {
        guard sessions.isEmpty else { return try AgentJSON.save(self, to: folder.ended, mode: 0o600) }
        do { try DurableFile(folder.ended).remove() } catch {
            guard error.isAbsent else { throw Fault("file", "\(error)") }
        }
    }

    func adding(_ ended: [EndedSession]) -> EndedSessions {
        let more = ended.map { session in
            HostAcknowledgementRequest.EndedSession(
                // A name that no certificate of ours is for, such as one with capitals.
                login: (try? Login(session.login))?.text ?? "_", source: session.source,
                serial: session.serial,
                key: "\(session.key)")
        }
        return EndedSessions(sessions: (sessions + more).suffix(Self.limit))
    }

    /// Those to tell next, and what is left then.
    var next: (told: [HostAcknowledgementRequest.EndedSession], rest: EndedSessions) {
        (Array(sessions.prefix(Self.most)), EndedSessions(sessions: sessions.dropFirst(Self.most)))
    }

    private init(sessions: some Sequence<HostAcknowledgementRequest.EndedSession> = []) {
        self.sessions = Array(sessions)
    }
}
