package import Names
package import SSHFormats

/// Registers passkeys of persons, lists and removes them.
package struct PasskeyDesk: Sendable {
    let passkeys: any Passkeys
    let policies: PolicyDesk
    let recorder: Recorder
    package let settings: PasskeySettings?

    /// A registration that waits for its page.
    package struct Begun: Sendable {
        package let id: String
        package let address: String
        package let number: String
        package let end: UnixTime
    }

    /// How far it is.
    package enum Reached: Sendable {
        case waiting
        case registered(Passkey)
    }

    /// Needs a second factor of the last 15 minutes.
    ///
    /// - Parameters:
    ///   - name: The person's for it; the next free `key-N` where nil.
    ///   - residentKey: `discouraged` for a security key that is to keep nothing, and is a second factor alone.
    package func begin(
        _ name: Name?, _ residentKey: ResidentKey = .required, by requester: Requester
    ) async throws(AuthorityError) -> Begun {
        let event = event(requester, name)
        let (settings, session) = try admit(requester)
        try await policies.requireFresh(requester, event)
        let present = try await list(by: requester)
        guard present.count < Passkey.most else {
            throw await recorder.deny(
                Refused(.badRequest, "\(Passkey.most) passkeys are registered: remove one first"), event)
        }
        guard let name = name ?? free(present) else { throw .mismatch("no name is left for a passkey") }
        guard !present.contains(where: { $0.name == name }) else {
            throw await recorder.deny(Refused(.alreadyExists, "a passkey named \(name)"), event)
        }
        let mayBeAlone = settings.mayBeAlone && residentKey == .required
        let verification = mayBeAlone ? UserVerification.required : settings.verification
        let (request, token) = PasskeyRequest.new(
            .registration, verification: verification, key: session.boundTo, source: requester.source,
            registration: PasskeyRequest.Registration(
                person: requester.identity.id, handle: present.first?.handle ?? recorder.world.random(32),
                name: name, residentKey: residentKey), in: recorder.world)
        try await recorder.keep([.passkeyAsked(request)])
        return Begun(
            id: request.id, address: settings.address(of: token), number: request.number, end: request.end)
    }

    /// Registers what the page brought, once it did. Asks for the fresh factor again.
    ///
    /// - Throws: `.refused(.conversationOver)` for what is unknown, denied, failed or too old.
    package func finish(
        _ id: String, by requester: Requester, once: Once<Reached>
    ) async throws(AuthorityError) -> Outcome<Reached> {
        let (_, session) = try admit(requester)
        let found: PasskeyRequest?
        do { found = try await passkeys.passkeyRequest(id: id) } catch { throw .store(error) }
        guard let found, found.registration?.person == requester.identity.id, found.key == session.boundTo
        else { throw .refused(.conversationOver) }
        switch found.state {
        case .used, .denied, .failed: throw .refused(.conversationOver)
        case .open, .numbered:
            guard !found.isOver(at: recorder.world.now()) else { throw .refused(.conversationOver) }
            return Outcome(.waiting, nil)
        case .answered:
            guard let proof = found.proof, let new = Passkey(proof.bytes) else {
                throw .mismatch("a registration without its passkey")
            }
            let event = event(requester, new.name)
            try await policies.requireFresh(requester, event)
            return try await recorder.record(
                [
                    .passkeyMoved(id: id, .used, nil), .passkeyAdded(new),
                    .noticed(
                        requester.identity.id,
                        Notice(.passkeyAdded, at: event.time, source: requester.source)),
                ], event, .registered(new), once: once)
        }
    }

    /// In the order in which they were registered. Others' only with a role on the authority.
    package func list(
        of id: IdentityID? = nil, by requester: Requester
    ) async throws(AuthorityError) -> [Passkey] {
        if let id, id != requester.identity.id {
            let (_, policy) = try await policies.current()
            try await policies.readWithAnyRole(requester, on: "passkeys of \(id)", policy: policy)
        }
        return try await all(of: id ?? requester.identity.id)
    }

    /// Needs a second factor of the last 15 minutes. Of others' the helpdesk removes those that were lost.
    ///
    /// - Throws: `.refused(.notFound)` to strangers, whether there is such a passkey or not.
    package func remove(
        _ name: Name, of id: IdentityID? = nil, by requester: Requester, once: Once<Passkey>
    ) async throws(AuthorityError) -> Outcome<Passkey> {
        let id = id ?? requester.identity.id
        let event = event(requester, name, ["removed": .text("passkey")], on: id)
        if id == requester.identity.id {
            try await policies.requireFresh(requester, event)
        } else {
            let (_, policy) = try await policies.current()
            try await policies.authorizeOne(.helpdesk, requester, event, policy: policy)
            if let refused = try await policies.directory.whyAbove(requester, id, policy) {
                throw await recorder.deny(refused, event)
            }
        }
        guard let found = try await all(of: id).first(where: { $0.name == name }) else {
            throw await recorder.deny(Refused(.notFound, "a passkey named \(name)"), event)
        }
        return try await recorder.record(
            [
                .passkeyRemoved(found.id, of: found.person),
                .noticed(
                    found.person, Notice(.passkeyRemoved, at: event.time, source: requester.source)),
            ], event, found, once: once)
    }

    private func all(of id: IdentityID) async throws(AuthorityError) -> [Passkey] {
        do { return try await passkeys.passkeys(of: id) } catch { throw .store(error) }
    }

    private func admit(
        _ requester: Requester
    ) throws(AuthorityError) -> (PasskeySettings, Session) {
        guard let settings else {
            throw .refused(.badRequest, "no way to sign in takes a passkey here: sign_in.ways")
        }
        guard let session = requester.session, requester.identity.id.kind == .person else {
            throw .refused(.badRequest, "persons only")
        }
        return (settings, session)
    }

    private func free(_ present: [Passkey]) -> Name? {
        let taken = Set(present.map(\.name.text))
        return (1...Passkey.most).lazy.map { "key-\($0)" }.first { !taken.contains($0) }
            .flatMap { try? Name($0) }
    }

    private func event(
        _ requester: Requester, _ name: Name?, _ details: [String: EventValue] = [:],
        on id: IdentityID? = nil
    ) -> Event {
        var details = details
        details["factor"] = .text(Factor.webauthn.rawValue)
        if let name { details["passkey"] = .text(name.text) }
        return Event(
            .factorSet, by: requester, on: (id ?? requester.identity.id).description,
            at: recorder.world.now(),
            details: details)
    }
}
