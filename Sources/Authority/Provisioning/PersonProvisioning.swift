import Names
import SSHFormats

/// A provisioner that has shown a token of its own.
package struct ProvisioningCaller: Hashable, Sendable {
    package let provisioner: Provisioner
    /// The service that it is, without session and device.
    package let requester: Requester
}

/// Persons as a provisioner pushes them: joiners, movers and leavers.
///
/// It touches whom it made, or whom an admin gave it. It makes nobody whom the policy names for a role on the authority, and
/// what it ends, it ends in the way that a helpdesk does.
package struct PersonProvisioning: Sendable {
    let directory: any Directory
    let store: any Provisioning
    let links: any UpstreamLinks
    let policies: PolicyDesk
    let recorder: Recorder

    /// Who calls by this token.
    ///
    /// - Throws: `.refused(.notSignedIn)` for whatever is no token that counts.
    package func authenticate(
        token: String, source: String, requestID: String
    ) async throws(AuthorityError) -> ProvisioningCaller {
        let hash = TokenHash.of(token)
        let found: ProvisionerFound?
        do { found = try await store.provisioner(tokenHash: hash) } catch { throw .store(error) }
        guard let found, let held = found.tokens.first, constantTimeEquals(held.tokenHash, hash),
            held.endedAt == nil, recorder.world.now() <= held.notAfter, found.identity.status == .active
        else { throw .refused(.notSignedIn) }
        return ProvisioningCaller(
            provisioner: found.provisioner,
            requester: Requester(
                identity: found.identity, session: nil, device: nil, source: source, requestID: requestID))
    }

    package func persons(
        _ key: ProvisionedQuery.Key, by caller: ProvisioningCaller, limit: Int = 200
    ) async throws(AuthorityError) -> [ProvisionedPerson] {
        do {
            return try await store.persons(ProvisionedQuery(caller.provisioner.id, key, limit: limit))
        } catch { throw .store(error) }
    }

    /// A joiner, who can sign in as soon as an account is linked, or an enroller makes a link for them.
    ///
    /// - Throws: `.refused(.badName)` where the user name makes no name, `.refused(.alreadyExists)` where it is somebody
    ///   else's.
    package func add(
        _ draft: PersonDraft, by caller: ProvisioningCaller
    ) async throws(AuthorityError) -> Outcome<ProvisionedPerson> {
        try draft.check()
        return try await policies.turns.take { (unmoved) async throws(AuthorityError) in
            try await addAlone(draft, unmoved, caller)
        }
    }

    private func addAlone(
        _ draft: PersonDraft, _ unmoved: Fact, _ caller: ProvisioningCaller
    ) async throws(AuthorityError) -> Outcome<ProvisionedPerson> {
        try await unused(draft.key, caller)
        let now = recorder.world.now()
        let id = try await freeName(draft, caller)
        var identity = Identity(id: id, owner: nil, createdAt: now)
        identity.attributes.login = try await login(id)
        identity.attributes.loginBy = .provider
        var details = details(draft)
        if let login = identity.attributes.login { details["login"] = .text(login.text) }
        let event = Event(
            .identityAdded, by: caller.requester, on: id.description, at: now, details: details)
        try await grantsNothing(id, event)
        if draft.isActive == false {
            identity.status = .suspended
            identity.statusBy = caller.provisioner.id
        }
        let kept = ProvisionedPerson(
            id: Hexadecimal.text(recorder.world.random(16)), provisioner: caller.provisioner.id,
            identity: identity, draft: draft, createdAt: now, changedAt: now)
        let linking = try await linking(nil, draft.externalId, kept, caller, now)
        return try await recorder.record(
            [unmoved, .identityAdded(identity), .provisioned(.personKept(kept))] + linking, event, kept,
            once: .unclaimed)
    }

    /// A mover or a leaver.
    ///
    /// - Parameter version: What the caller saw; nil takes whatever is there.
    /// - Returns: Without a receipt where nothing changed.
    /// - Throws: `.refused(.resourceMoved)` if it is another version meanwhile.
    package func change(
        _ id: String, to draft: PersonDraft, since version: UInt64?, by caller: ProvisioningCaller
    ) async throws(AuthorityError) -> Outcome<ProvisionedPerson> {
        try draft.check()
        return try await policies.turns.take { (unmoved) async throws(AuthorityError) in
            try await changeAlone(id, draft, version, unmoved, caller)
        }
    }

    private func changeAlone(
        _ id: String, _ draft: PersonDraft, _ version: UInt64?, _ unmoved: Fact, _ caller: ProvisioningCaller
    ) async throws(AuthorityError) -> Outcome<ProvisionedPerson> {
        let former = try await known(id, version, caller)
        var kept = former
        let now = recorder.world.now()
        if let status = try await wantedStatus(draft, former, caller) {
            kept.identity.status = status
            kept.identity.statusBy = caller.provisioner.id
        }
        guard draft != former.draft || kept.identity.status != former.identity.status else {
            return Outcome(former, nil)
        }
        if draft.key != former.draft.key { try await unused(draft.key, caller) }
        kept.draft = draft
        kept.version += 1
        kept.changedAt = now
        var facts: [Fact] = [unmoved]
        var action = EventAction.identityChanged
        if kept.identity.status != former.identity.status {
            action = EventAction(becoming: kept.identity.status)
            facts += try await directory.statusFacts(of: kept.identity, at: now)
        }
        let event = Event(
            action, by: caller.requester, on: kept.identity.id.description, at: now, details: details(draft))
        if kept.identity.status != .active { try await notTheLastAdmin(former, event) }
        facts += try await linking(former.draft.externalId, draft.externalId, kept, caller, now)
        return try await recorder.record(
            facts + [.provisioned(.personKept(kept))], event, kept, once: .unclaimed)
    }

    /// A leaver for good: retired, and no longer the provisioner's.
    package func remove(
        _ id: String, since version: UInt64?, by caller: ProvisioningCaller
    ) async throws(AuthorityError) -> Outcome<ProvisionedPerson> {
        try await policies.turns.take { (unmoved) async throws(AuthorityError) in
            var kept = try await known(id, version, caller)
            let now = recorder.world.now()
            let event = Event(
                .identityRetired, by: caller.requester, on: kept.identity.id.description, at: now,
                details: details(kept.draft))
            try await notTheLastAdmin(kept, event)
            var facts = [unmoved]
            if kept.identity.status != .retired {
                kept.identity.status = .retired
                kept.identity.statusBy = caller.provisioner.id
                facts += try await directory.statusFacts(of: kept.identity, at: now)
            }
            facts += try await linking(kept.draft.externalId, nil, kept, caller, now)
            facts += [
                .provisioned(.personLeft(id: kept.id)),
                .groupsSet(kept.identity.id, source: caller.provisioner.source, []),
            ]
            return try await recorder.record(facts, event, kept, once: .unclaimed)
        }
    }

    private func known(
        _ id: String, _ version: UInt64?, _ caller: ProvisioningCaller
    ) async throws(AuthorityError) -> ProvisionedPerson {
        guard let found = try await persons(.id(id), by: caller).first else {
            throw .refused(.notFound, "no such user")
        }
        guard version ?? found.version == found.version else { throw .refused(.resourceMoved) }
        return found
    }

    private func unused(_ key: String, _ caller: ProvisioningCaller) async throws(AuthorityError) {
        guard try await persons(.name(key), by: caller).isEmpty else {
            throw .refused(.alreadyExists, "userName: another user has it")
        }
    }

    private func details(_ draft: PersonDraft) -> [String: EventValue] {
        var details: [String: EventValue] = ["userName": .text(draft.userName)]
        if let externalId = draft.externalId { details["externalId"] = .text(externalId) }
        if let isActive = draft.isActive { details["active"] = .text(isActive ? "true" : "false") }
        return details
    }

    private func notTheLastAdmin(
        _ former: ProvisionedPerson, _ event: Event
    ) async throws(AuthorityError) {
        guard former.identity.status == .active else { return }
        let (_, policy) = try await policies.current()
        guard try await policies.isLastAdmin(former.identity.id, policy) else { return }
        throw await recorder.deny(
            Refused(.lastAdmin, "\(former.identity.id) is the only active admin"), event)
    }
}
