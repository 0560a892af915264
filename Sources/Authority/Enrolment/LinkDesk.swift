package import Names
package import SSHFormats

/// A link just made; the token is shown once.
package struct NewLink: Sendable {
    package let identity: Identity
    package let token: Secret<String>
    package let notAfter: UnixTime
}

/// Makes enrolment links: only enrollers and admins do, and never for more rights than their own.
package struct LinkDesk: Sendable {
    /// Seconds.
    static let lifetime: UInt64 = 900

    let directory: any Directory
    let policies: PolicyDesk
    let recorder: Recorder

    /// A new link for an identity that exists. A person may make one for a further device of their own.
    package func make(
        for id: IdentityID, by requester: Requester, once: Once<NewLink>
    ) async throws(AuthorityError) -> Outcome<NewLink> {
        let identity: Identity?
        do { identity = try await directory.identity(id) } catch { throw .store(error) }
        try await authorize(for: id, requester)
        let event = Event(.linkMade, by: requester, on: id.description, at: recorder.world.now())
        guard let identity, id.kind == .person || id.kind == .host else {
            throw await recorder.deny(Refused(.notFound, "\(id)"), event)
        }
        guard identity.status == .active else {
            throw await recorder.deny(Refused(.identitySuspended, "\(id)"), event)
        }
        let (new, fact) = draw(for: identity, by: requester.identity.id)
        return try await recorder.record([fact], event, new, once: once)
    }

    /// Whether the requester may make a link for this identity, existing or to be added.
    func authorize(for id: IdentityID, _ requester: Requester) async throws(AuthorityError) {
        let (_, policy) = try await policies.current()
        guard id != requester.identity.id || id.kind != .person else { return }
        try await policies.authorize(.enroller, requester, .linkMade, on: id.description, policy: policy)
        if let refused = try await directory.whyAbove(requester, id, policy) {
            throw await recorder.deny(
                refused, Event(.linkMade, by: requester, on: id.description, at: recorder.world.now()))
        }
    }

    /// Draws the token and states the fact.
    func draw(for identity: Identity, by maker: IdentityID?) -> (NewLink, Fact) {
        let token = Base64URL.text(recorder.world.random(32))
        let notAfter = recorder.world.now().advanced(by: Int64(LinkDesk.lifetime))
        let link = EnrolmentLink(
            tokenHash: TokenHash.of(token), identity: identity.id, madeBy: maker, notAfter: notAfter)
        return (NewLink(identity: identity, token: Secret(token), notAfter: notAfter), .linkMade(link))
    }
}
