package import Names
import SSHFormats

/// A token just made; it is shown once.
package struct NewProvisionerToken: Sendable {
    package let token: ProvisionerToken
    package let secret: Secret<String>
}

/// Looks after provisioners, for admins: who may push, and whom they may touch.
package struct ProvisionerDesk: Sendable {
    /// Days.
    package static let longest = 730
    static let mostTokens = 100
    /// What tokens begin with, so that scanners of secrets know them.
    static let prefix = "reeve-scim-"

    let directory: any Directory
    let store: any Provisioning
    let upstream: any Upstream
    let policies: PolicyDesk
    let recorder: Recorder

    package func list(by requester: Requester) async throws(AuthorityError) -> [ProvisionerFound] {
        let (_, policy) = try await policies.current()
        try await policies.readWithAnyRole(requester, on: "provisioners", policy: policy)
        do { return try await store.provisioners() } catch { throw .store(error) }
    }

    /// A token for a provisioner, which is made where there is none of that name.
    ///
    /// - Parameter provider: An identity provider of the configuration whose `sub` is the `externalId` here.
    /// - Throws: `.refused(.notFound)` for a provider that is not configured, `.refused(.alreadyExists)` for a service that is
    ///   something else, or has another provider.
    package func makeToken(
        for name: Name, provider: String?, days: Int, by requester: Requester,
        once: Once<NewProvisionerToken>
    ) async throws(AuthorityError) -> Outcome<NewProvisionerToken> {
        let id = IdentityID(.service, name)
        try await policies.authorize(.admin, requester, .provisionerTokenMade, on: id.description)
        guard (1...ProvisionerDesk.longest).contains(days) else {
            throw .refused(.badRequest, "days: 1 to \(ProvisionerDesk.longest)")
        }
        let issuer = try issuer(of: provider)
        return try await policies.turns.take { (unmoved) async throws(AuthorityError) in
            let now = recorder.world.now()
            let making = try await making(id, issuer, requester, now)
            let secret = ProvisionerDesk.prefix + Base64URL.text(recorder.world.random(32))
            let token = ProvisionerToken(
                id: Hexadecimal.text(recorder.world.random(8)), provisioner: id,
                tokenHash: TokenHash.of(secret), madeBy: requester.identity.id, madeAt: now,
                notAfter: now.advanced(by: Int64(days) * 86_400))
            var details: [String: EventValue] = [
                "token": .text(token.id), "until": .number(token.notAfter.seconds),
            ]
            if let issuer { details["issuer"] = .text(issuer) }
            let event = Event(
                .provisionerTokenMade, by: requester, on: id.description, at: now, details: details)
            return try await recorder.record(
                [unmoved] + making + [.provisioned(.tokenMade(token))], event,
                NewProvisionerToken(token: token, secret: Secret(secret)), once: once)
        }
    }

    private func issuer(of provider: String?) throws(AuthorityError) -> String? {
        guard let provider else { return nil }
        guard let issuer = upstream.issuer(of: provider) else {
            throw .refused(.notFound, "provider: none of that name is configured")
        }
        return issuer
    }

    /// What there has to be before the token.
    private func making(
        _ id: IdentityID, _ issuer: String?, _ requester: Requester, _ now: UnixTime
    ) async throws(AuthorityError) -> [Fact] {
        let known = try await identity(id)
        guard let found = try await found(id) else {
            guard known == nil else { throw .refused(.alreadyExists, "\(id) is another service") }
            let identity = Identity(id: id, owner: requester.identity.id, createdAt: now)
            return [.identityAdded(identity), .provisioned(.added(Provisioner(id: id, issuer: issuer)))]
        }
        guard found.identity.status == .active else { throw .refused(.identitySuspended, "\(id)") }
        guard issuer == nil || issuer == found.provisioner.issuer else {
            throw .refused(.alreadyExists, "\(id) has another provider, or none")
        }
        guard found.tokens.count(where: { $0.endedAt == nil }) < ProvisionerDesk.mostTokens else {
            throw .refused(.stateChange, "\(id) has \(ProvisionerDesk.mostTokens) tokens: revoke some")
        }
        return []
    }

    /// Ends one token, or all of them: nothing is pushed by them any more.
    package func endTokens(
        of name: Name, id: String?, by requester: Requester, once: Once<ProvisionerFound>
    ) async throws(AuthorityError) -> Outcome<ProvisionerFound> {
        let provisioner = IdentityID(.service, name)
        try await policies.authorize(.admin, requester, .provisionerTokenEnded, on: provisioner.description)
        let now = recorder.world.now()
        let event = Event(
            .provisionerTokenEnded, by: requester, on: provisioner.description, at: now,
            details: ["token": .text(id ?? "all")])
        guard let found = try await found(provisioner) else {
            throw await recorder.deny(Refused(.notFound, "no provisioner \(name)"), event)
        }
        let ended = found.tokens.map { token in
            var token = token
            if token.endedAt == nil, id == nil || id == token.id { token.endedAt = now }
            return token
        }
        return try await recorder.record(
            [.provisioned(.tokensEnded(of: provisioner, id: id, at: now))], event,
            ProvisionerFound(provisioner: found.provisioner, identity: found.identity, tokens: ended),
            once: once)
    }

    /// Gives a person who is here already into a provisioner's hands.
    ///
    /// - Parameter userName: What the provisioner calls them, by which it will find them.
    package func give(
        _ person: IdentityID, to name: Name, userName: String, by requester: Requester,
        once: Once<ProvisionedPerson>
    ) async throws(AuthorityError) -> Outcome<ProvisionedPerson> {
        let provisioner = IdentityID(.service, name)
        try await policies.authorize(.admin, requester, .provisionerGiven, on: person.description)
        var draft = PersonDraft(userName: userName)
        try draft.check()
        let now = recorder.world.now()
        let event = Event(
            .provisionerGiven, by: requester, on: person.description, at: now,
            details: ["provisioner": .text(provisioner.description), "userName": .text(userName)])
        guard try await found(provisioner) != nil, person.kind == .person,
            let identity = try await identity(person), identity.status != .retired
        else { throw await recorder.deny(Refused(.notFound, "\(person), or the provisioner \(name)"), event) }
        draft.isActive = identity.status == .active
        let kept = ProvisionedPerson(
            id: Hexadecimal.text(recorder.world.random(16)), provisioner: provisioner, identity: identity,
            draft: draft, createdAt: now, changedAt: now)
        return try await recorder.record([.provisioned(.personKept(kept))], event, kept, once: once)
    }

    /// Takes a person out of a provisioner's hands; they stay as they are, but for its groups.
    package func take(
        _ person: IdentityID, from name: Name, by requester: Requester, once: Once<ProvisionedPerson>
    ) async throws(AuthorityError) -> Outcome<ProvisionedPerson> {
        let provisioner = IdentityID(.service, name)
        try await policies.authorize(.admin, requester, .provisionerTaken, on: person.description)
        let event = Event(
            .provisionerTaken, by: requester, on: person.description, at: recorder.world.now(),
            details: ["provisioner": .text(provisioner.description)])
        let kept: ProvisionedPerson?
        do { kept = try await store.provisioned(person) } catch { throw .store(error) }
        guard let kept, kept.provisioner == provisioner else {
            throw await recorder.deny(Refused(.notFound, "\(name) does not keep \(person)"), event)
        }
        return try await recorder.record(
            [
                .provisioned(.personLeft(id: kept.id)),
                .groupsSet(person, source: Provisioner(id: provisioner).source, []),
            ], event, kept, once: once)
    }

    private func identity(_ id: IdentityID) async throws(AuthorityError) -> Identity? {
        do { return try await directory.identity(id) } catch { throw .store(error) }
    }

    private func found(_ id: IdentityID) async throws(AuthorityError) -> ProvisionerFound? {
        do { return try await store.provisioners().first { $0.provisioner.id == id } } catch {
            throw .store(error)
        }
    }
}

extension PersonDraft {
    /// - Throws: `.refused(.badRequest)`
    func check() throws(AuthorityError) {
        // Both are looked up by indexes, whose entries are bounded.
        guard (1...256).contains(userName.unicodeScalars.count),
            userName.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { throw .refused(.badRequest, "userName: 1 to 256 characters, no control characters") }
        try ExternalID.check(externalId)
    }
}

/// What a provisioner calls something.
enum ExternalID {
    /// - Throws: `.refused(.badRequest)`
    static func check(_ text: String?) throws(AuthorityError) {
        guard let text else { return }
        guard (1...255).contains(text.utf8.count),
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { throw .refused(.badRequest, "externalId: 1 to 255 bytes, no control characters") }
    }
}
