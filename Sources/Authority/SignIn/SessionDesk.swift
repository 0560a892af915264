package import Names
import SSHFormats

/// Lists sessions and ends them: everybody's own, and the helpdesk all.
package struct SessionDesk: Sendable {
    /// The most sessions of one identity that are looked at; the newest.
    static let most = 1_000

    let inventory: any Inventory
    let sessions: Sessions
    let policies: PolicyDesk
    let recorder: Recorder

    /// Which sessions are to end.
    package enum Target: Hashable, Sendable {
        case one(String)
        case all(of: IdentityID)
        /// All of the requester but the one that asks.
        case others
    }

    /// Those that run, the newest first. Others' only with a role on the authority.
    package func list(
        of id: IdentityID?, by requester: Requester
    ) async throws(AuthorityError) -> [Session] {
        if let id, id != requester.identity.id {
            let (_, policy) = try await policies.current()
            try await policies.readWithAnyRole(requester, on: "sessions of \(id)", policy: policy)
        }
        return try await running(of: id ?? requester.identity.id)
    }

    /// - Returns: The handles of the sessions that are ended.
    /// - Throws: `.refused(.notFound)` to strangers, whether there is such a session or not.
    package func end(
        _ target: Target, by requester: Requester, once: Once<[String]>
    ) async throws(AuthorityError) -> Outcome<[String]> {
        let now = recorder.world.now()
        switch target {
        case .one(let id):
            let event = Event(.sessionRevoked, by: requester, on: id, at: now)
            let found: Session?
            do { found = try await inventory.session(id: id) } catch { throw .store(error) }
            if found?.identity != requester.identity.id {
                try await policies.authorizeOne(.helpdesk, requester, event)
            }
            guard let found, sessions.isRunning(found, at: now) else {
                throw await recorder.deny(Refused(.notFound, "session \(id)"), event)
            }
            return try await recorder.record(
                [.sessionEnded(id: id, at: now)], event, [id], once: once)
        case .all(let id):
            let event = Event(.sessionRevoked, by: requester, on: id.description, at: now)
            if id != requester.identity.id {
                try await policies.authorizeOne(.helpdesk, requester, event)
            }
            let ended = try await running(of: id).map(\.id)
            return try await recorder.record([.sessionsEnded(of: id, at: now)], event, ended, once: once)
        case .others:
            let ended = try await running(of: requester.identity.id).map(\.id)
                .filter { $0 != requester.session?.id }
            let event = Event(
                .sessionRevoked, by: requester, on: requester.identity.id.description, at: now,
                details: ["sessions": .list(ended)])
            return try await recorder.record(
                ended.map { .sessionEnded(id: $0, at: now) }, event, ended, once: once)
        }
    }

    func running(of id: IdentityID) async throws(AuthorityError) -> [Session] {
        let now = recorder.world.now()
        let found: [Session]
        do {
            found = try await inventory.sessions(
                of: id, startedAfter: now.advanced(by: -Int64(sessions.limits.absolute)),
                limit: SessionDesk.most)
        } catch {
            throw .store(error)
        }
        return found.filter { sessions.isRunning($0, at: now) }
    }
}
