import Names
import SSHFormats

/// Asks a person's providers again whether they still stand for them, when that was long ago. Removed there means no more
/// certificates here.
struct UpstreamCheck: Sendable {
    /// Seconds after which whoever asked before is taken for gone.
    static let patience: UInt64 = 30

    let directory: any Directory
    let links: any UpstreamLinks
    let upstream: any Upstream
    let recorder: Recorder
    let logins: UpstreamLogins

    /// - Throws: `.refused(.upstreamRefused)` where a provider no longer stands for the person, whose sessions end;
    ///   `.refused(.upstreamUnavailable)` where it cannot be asked.
    ///
    /// - Returns: The requester, in the groups that the providers say now.
    func confirmed(_ requester: Requester) async throws(AuthorityError) -> Requester {
        guard !upstream.isEmpty, requester.identity.id.kind == .person else { return requester }
        let all: [UpstreamLink]
        do { all = try await links.upstreamLinks(of: requester.identity.id) } catch { throw .store(error) }
        let due = all.filter { isDue($0, at: recorder.world.now()) }
        guard !due.isEmpty else { return requester }
        for link in due { try await ask(link, requester) }
        let identity: Identity?
        do { identity = try await directory.identity(requester.identity.id) } catch { throw .store(error) }
        guard let identity else { throw .refused(.notSignedIn) }
        var confirmed = requester
        confirmed.identity = identity
        return confirmed
    }

    private func isDue(_ link: UpstreamLink, at now: UnixTime) -> Bool {
        guard link.token != nil, let checkedAt = link.checkedAt,
            let staleness = upstream.staleness(of: link.account.issuer)
        else { return false }
        return now >= checkedAt.advanced(by: Int64(staleness))
    }

    private func ask(_ link: UpstreamLink, _ requester: Requester) async throws(AuthorityError) {
        guard let sealed = link.token else { return }
        let now = recorder.world.now()
        if let askedAt = link.askedAt, now < askedAt.advanced(by: Int64(Self.patience)) {
            throw .refused(.busy, "the provider is being asked about you")
        }
        let token: [UInt8]
        do { token = try recorder.sealing.open(sealed, context: link.account.context) } catch {
            throw .sealing(error)
        }
        do {
            _ = try await recorder.journal.record(
                Entry([.upstreamAsked(link.account, since: link.askedAt, at: now)], event: nil))
        } catch .conflict(.stepUsed) {
            throw .refused(.busy, "the provider is being asked about you")
        } catch {
            throw .store(error)
        }
        let person = requester.identity.id
        switch await upstream.ask(link.account, token: token) {
        case .stands(let token, let groups, let login):
            try await keep(link.account, person, token: token, groups: groups)
            try await logins.follow(
                login, of: person, issuer: link.account.issuer, requestID: requester.requestID,
                source: requester.source)
        case .refuses(let reason):
            // The token stays: whoever signs in otherwise is asked about again, and refused again.
            let ended: [Fact] = [
                .upstreamAsked(link.account, since: now, at: nil), .sessionsEnded(of: person, at: now),
            ]
            throw await recorder.deny(
                Refused(.upstreamRefused, "\(link.account.issuer)"),
                Event(
                    .sessionRevoked, by: requester, on: person.description, at: now,
                    details: ["issuer": .text(link.account.issuer), "cause": .text(reason)]),
                keeping: ended)
        case .unknown(let reason):
            throw await recorder.deny(
                Refused(.upstreamUnavailable, "\(link.account.issuer)"),
                Event(
                    .denied, by: requester, on: person.description, at: now,
                    details: ["issuer": .text(link.account.issuer), "cause": .text(reason)]),
                keeping: [.upstreamAsked(link.account, since: now, at: nil)])
        }
    }

    private func keep(
        _ account: UpstreamSubject, _ person: IdentityID, token: [UInt8], groups: Set<Name>?
    ) async throws(AuthorityError) {
        let sealed: [UInt8]
        do { sealed = try recorder.sealing.seal(token, context: account.context) } catch {
            throw .sealing(error)
        }
        var facts = [Fact.upstreamStood(account, token: sealed, at: recorder.world.now())]
        if let groups { facts.append(.groupsSet(person, source: account.source, groups)) }
        do { _ = try await recorder.journal.record(Entry(facts, event: nil)) } catch { throw .store(error) }
    }
}
