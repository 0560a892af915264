package import Names
package import SSHFormats

/// What a person sends to finish.
package struct PersonEnrolment: Sendable {
    package let token: String
    package let state: String
    package let deviceName: String
    package let password: Secret<[UInt8]>
    package let code: String

    package init(token: String, state: String, deviceName: String, password: Secret<[UInt8]>, code: String) {
        self.token = token
        self.state = state
        self.deviceName = deviceName
        self.password = password
        self.code = code
    }
}

/// Finishes the enrolment of a person's device: new factors, or those that the person has.
package struct PersonEnrolmentDesk: Sendable {
    let enrolment: Enrolment
    let check: FactorCheck
    let recoveryCodes: RecoveryCodes
    let recorder: Recorder

    /// Sets what is new, makes the device with `key` as its own, and signs in. All of it, or nothing.
    package func finish(
        _ request: PersonEnrolment, key: PublicKey, source: String, requestID: String,
        once: Once<NewSession>
    ) async throws(AuthorityError) -> Outcome<NewSession> {
        let now = recorder.world.now()
        let state = try EnrolmentState(
            request.state, token: request.token, key: key, sealing: recorder.sealing, at: now)
        let person = try await enrolment.identity(linkHash: state.linkHash)
        guard person.id.kind == .person else { throw .refused(.linkInvalid) }
        let device = try device(request.deviceName, of: person)
        let event = { (details: [String: EventValue]) in
            Event(
                time: now, action: .enrolled, actor: person.id, subject: device.id.description,
                requestID: requestID, source: source,
                details: details.merging(["key": .text(key.fingerprint.description)]) { $1 })
        }
        do { try await enrolment.checkAlive([key]) } catch {
            guard case .refused(let refused) = error else { throw error }
            throw await recorder.deny(refused, event([:]))
        }
        let shown =
            state.extra.isEmpty
            ? try await present(request, person, source, event) : try await new(request, person, state.extra)
        var session = NewSession.start(
            for: person.id, device: device.id, factors: [.password: now, .totp: now], boundTo: key,
            source: source, in: recorder.world)
        session.recoveryCodes = shown.recoveryCodes
        let outcome = try await recorder.record(
            facts(state, shown, device, key, session), event(["session": .text(session.session.id)]), session,
            once: once)
        try await check.settle(shown.attempts)
        return outcome
    }

    /// What the factors came to: facts to keep, and reservations to give back once they are kept.
    private struct Shown {
        let facts: [Fact]
        let attempts: [Attempt]
        /// New ones, to be shown once.
        var recoveryCodes: [Secret<String>] = []
    }

    private func facts(
        _ state: EnrolmentState, _ shown: Shown, _ device: Identity, _ key: PublicKey, _ session: NewSession
    ) -> [Fact] {
        let at = session.session.startedAt
        let registered = RegisteredKey(
            publicKey: key, identity: device.id, purpose: .authenticate, origin: KeyOrigin.enrolment,
            createdAt: at)
        return [.linkCompleted(tokenHash: state.linkHash, by: key.fingerprint, at: at)] + shown.facts
            + [
                .identityAdded(device), .keyRegistered(registered), session.fact,
                .keyUsed(key.fingerprint, at: at, from: session.session.source),
            ]
    }

    private func device(_ name: String, of person: Identity) throws(AuthorityError) -> Identity {
        do {
            let label = try Name(name)
            let full = try Name("\(person.id.name).\(label)")
            return Identity(
                id: IdentityID(.device, full), owner: person.id, createdAt: recorder.world.now())
        } catch {
            throw .refused(.badName, "deviceName: \(error)")
        }
    }

    /// - Throws: `.refused(.linkInvalid)` where another link has set factors meanwhile: none are replaced.
    private func new(
        _ request: PersonEnrolment, _ person: Identity, _ seed: [UInt8]
    ) async throws(AuthorityError) -> Shown {
        guard try await enrolment.hasNoFactors(person) else { throw .refused(.linkInvalid) }
        let password = request.password.withExposed { $0 }
        try PasswordRule.check(password, person: person.id, known: check.knownPasswords)
        guard let step = TOTP.step(of: request.code, secret: seed, at: recorder.world.now()) else {
            throw .refused(.signInFailed, "totp: not the code of the new secret; check this device's clock")
        }
        let hash: String
        do { hash = try await check.hashing.hash(password) } catch { throw .hashing(error) }
        let facts: [Fact] = [
            .factorSet(person.id, .password, sealed: try sealed(Array(hash.utf8), person.id, .password)),
            .factorSet(person.id, .totp, sealed: try sealed(seed, person.id, .totp)),
            .totpStepTaken(person.id, step: step),
        ]
        let (codes, codeFacts) = try recoveryCodes.draw(for: person.id)
        return Shown(facts: facts + codeFacts, attempts: [], recoveryCodes: codes)
    }

    private func present(
        _ request: PersonEnrolment, _ person: Identity, _ source: String,
        _ event: ([String: EventValue]) -> Event
    ) async throws(AuthorityError) -> Shown {
        let password = request.password.withExposed { $0 }
        guard password.count <= FactorCheck.longestPassword else {
            throw .refused(.badRequest, "password: longer than 1024 bytes")
        }
        let verdict = try await check.check(
            name: person.id.name.text, ShownFactors(password: password, code: request.code), source: source)
        switch verdict {
        case .failed(let reason, let notice, let unused):
            throw await check.refuse(
                unused, event(["reason": .text(reason)]), telling: notice, by: recorder)
        case .proven(_, let facts, _, let attempts):
            return Shown(facts: facts, attempts: attempts)
        }
    }

    private func sealed(
        _ plain: [UInt8], _ id: IdentityID, _ factor: Factor
    ) throws(AuthorityError) -> [UInt8] {
        do { return try recorder.sealing.seal(plain, context: FactorCheck.context(id, factor)) } catch {
            throw .sealing(error)
        }
    }
}
