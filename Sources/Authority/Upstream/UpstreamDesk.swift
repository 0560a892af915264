package import Names
import SSHFormats

/// Links persons with their accounts at providers: for admins.
package struct UpstreamDesk: Sendable {
    let directory: any Directory
    let links: any UpstreamLinks
    let upstream: any Upstream
    let policies: PolicyDesk
    let recorder: Recorder

    /// - Parameter provider: By the name that the configuration gives it.
    /// - Throws: `.refused(.alreadyExists)` for an account that is another person's.
    package func link(
        _ person: IdentityID, provider: String, subject: String, by requester: Requester,
        once: Once<UpstreamLink>
    ) async throws(AuthorityError) -> Outcome<UpstreamLink> {
        let (link, event) = try await prepared(.upstreamLinked, person, provider, subject, requester)
        let isKnown: Bool
        let held: UpstreamLink?
        do {
            isKnown = try await directory.identity(person) != nil
            held = try await links.upstreamLink(link.account)
        } catch { throw .store(error) }
        guard isKnown else { throw await recorder.deny(Refused(.notFound, "\(person)"), event) }
        guard held == nil else {
            throw await recorder.deny(Refused(.alreadyExists, "that account is linked"), event)
        }
        return try await recorder.record([.upstreamLinked(link)], event, link, once: once)
    }

    /// Ends the link, the sessions of the person, and what the provider vouched for.
    package func unlink(
        _ person: IdentityID, provider: String, subject: String, by requester: Requester,
        once: Once<UpstreamLink>
    ) async throws(AuthorityError) -> Outcome<UpstreamLink> {
        let (link, event) = try await prepared(.upstreamUnlinked, person, provider, subject, requester)
        let held: UpstreamLink?
        do { held = try await links.upstreamLink(link.account) } catch { throw .store(error) }
        guard let held, held.person == person else {
            throw await recorder.deny(Refused(.notFound, "\(person) has no such account"), event)
        }
        return try await recorder.record(
            [
                .upstreamUnlinked(link.account), .groupsSet(person, source: link.account.source, []),
                .sessionsEnded(of: person, at: event.time),
            ], event, held, once: once)
    }

    private func prepared(
        _ action: EventAction, _ person: IdentityID, _ provider: String, _ subject: String,
        _ requester: Requester
    ) async throws(AuthorityError) -> (UpstreamLink, Event) {
        try await policies.authorize(.admin, requester, action, on: person.description)
        guard person.kind == .person else { throw .refused(.badRequest, "identity: a person") }
        guard let issuer = upstream.issuer(of: provider) else {
            throw .refused(.notFound, "provider: none of that name is configured")
        }
        guard (1...255).contains(subject.utf8.count), subject.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else { throw .refused(.badRequest, "subject: 1 to 255 bytes without control characters") }
        let now = recorder.world.now()
        let account = UpstreamSubject(issuer: issuer, subject: subject)
        return (
            UpstreamLink(account: account, person: person, linkedAt: now),
            Event(
                action, by: requester, on: person.description, at: now,
                details: ["issuer": .text(issuer), "subject": .text(subject)])
        )
    }
}
