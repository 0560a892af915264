import Names
import SSHFormats

/// Turns whom a provider vouches for into a person: by issuer and subject, and by nothing else that it says.
package struct UpstreamArrivals: Sendable {
    let links: any UpstreamLinks
    let recorder: Recorder
    let logins: UpstreamLogins
    let policies: PolicyInForce

    /// - Parameter store: Of the authority.
    package init(_ store: any Authority.Store, world: World, sealing: any SecretSealing) {
        links = store
        recorder = Recorder(
            journal: store, world: world, sealing: sealing, hostStates: HostStateBroadcast(store))
        logins = UpstreamLogins(directory: store, turns: Turns(store), recorder: recorder)
        policies = PolicyInForce(policies: store, cache: PolicyCache(), world: world)
    }

    /// What the factor comes to.
    ///
    /// - Parameter factor: For the ledger: `oidc:corp`.
    package func turn(
        _ arrival: UpstreamArrival, factor: String, _ about: ConversationFacts
    ) async throws(AuthorityError) -> Turn {
        let linked: UpstreamLink?
        do { linked = try await links.upstreamLink(arrival.account) } catch { throw .store(error) }
        let person: IdentityID
        if let linked {
            person = linked.person
        } else {
            guard let name = arrival.name else {
                return .failed(reason: "\(factor) account that is not linked")
            }
            person = IdentityID(.person, name)
            // Whoever names another sign-in gets none of theirs, and nobody is made for it.
            guard about.name.isEmpty || about.name == name.text else {
                return .failed(reason: "another-person")
            }
            guard try await make(person, arrival, about) else {
                return .failed(reason: "\(factor) account that is not linked, of a name that is taken")
            }
        }
        try await logins.follow(
            arrival.login, of: person, issuer: arrival.account.issuer, requestID: about.id,
            source: about.source)
        return .proven(person, facts: try facts(arrival, person))
    }

    /// What is kept with the session.
    private func facts(
        _ arrival: UpstreamArrival, _ person: IdentityID
    ) throws(AuthorityError) -> [Fact] {
        var sealed: [UInt8]?
        if let token = arrival.token {
            do { sealed = try recorder.sealing.seal(token, context: arrival.account.context) } catch {
                throw .sealing(error)
            }
        }
        var facts = [Fact.upstreamStood(arrival.account, token: sealed, at: recorder.world.now())]
        if let groups = arrival.groups {
            facts.append(.groupsSet(person, source: arrival.account.source, groups))
        }
        return facts
    }

    /// A new person with the account. Nobody who exists becomes theirs, whatever they are called and however long ago
    /// they went; and nobody becomes an admin by a name that the policy trusts.
    private func make(
        _ person: IdentityID, _ arrival: UpstreamArrival, _ about: ConversationFacts
    ) async throws(AuthorityError) -> Bool {
        try await logins.turns.take { (unmoved) async throws(AuthorityError) in
            let now = recorder.world.now()
            let event = Event(
                time: now, action: .identityAdded, actor: nil, subject: person.description,
                requestID: about.id, source: about.source,
                details: [
                    "issuer": .text(arrival.account.issuer), "subject": .text(arrival.account.subject),
                ])
            let (_, policy) = try await policies.current()
            guard try await logins.directory.authorityRoles(of: person, policy).isEmpty else {
                let refused = Refused(
                    .adminRequired, "\(person) has rights on the authority: an admin adds and links them")
                guard case .store(let error) = await recorder.deny(refused, event) else { return false }
                throw .store(error)
            }
            let facts: [Fact] = [
                unmoved, .identityAdded(Identity(id: person, owner: nil, createdAt: now)),
                .upstreamLinked(UpstreamLink(account: arrival.account, person: person, linkedAt: now)),
            ]
            do throws(StoreError) {
                _ = try await recorder.journal.record(Entry(facts, event: event))
                return true
            } catch {
                guard case .conflict(.exists) = error else { throw .store(error) }
                // Perhaps by another sign-in of the same account, a moment ago.
                return try await isLinked(arrival.account, person)
            }
        }
    }

    private func isLinked(
        _ account: UpstreamSubject, _ person: IdentityID
    ) async throws(AuthorityError) -> Bool {
        do { return try await links.upstreamLink(account)?.person == person } catch { throw .store(error) }
    }
}
