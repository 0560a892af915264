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
    let recorder: Recorder

    /// Sets what is new, makes the device with `key` as its own, and signs in. All of it, or nothing.
    package func finish(
        _ request: PersonEnrolment, key: PublicKey, source: String, requestID: String,
        once: Once<NewSession>
    ) async throws(AuthorityError) -> Outcome<NewSession> {
        let state = try EnrolmentState(
            request.state, token: request.token, key: key, sealing: recorder.sealing)
        let person = try await enrolment.identity(linkHash: state.linkHash)
        guard person.id.kind == .person else { throw .refused(.linkInvalid) }
        let device = try device(request.deviceName, of: person)
        let now = recorder.world.now()
        let factors =
            state.extra.isEmpty
            ? try await present(request, person, source) : try await new(request, person, state.extra)
        let session = NewSession.start(
            for: person.id, device: device.id, factors: [.password: now, .totp: now], boundTo: key,
            source: source, in: recorder.world)
        let facts: [Fact] =
            [.linkCompleted(tokenHash: state.linkHash, by: key.fingerprint, at: now)] + factors + [
                .identityAdded(device),
                .keyRegistered(
                    RegisteredKey(
                        publicKey: key, identity: device.id, purpose: .authenticate,
                        origin: KeyOrigin.enrolment, createdAt: now)),
                session.fact,
            ]
        let event = Event(
            time: now, action: .enrolled, actor: person.id, subject: device.id.description,
            requestID: requestID, source: source,
            details: ["key": .text(key.fingerprint.description), "session": .text(session.session.id)])
        return try await recorder.record(facts, event, session, once: once)
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

    private func new(
        _ request: PersonEnrolment, _ person: Identity, _ seed: [UInt8]
    ) async throws(AuthorityError) -> [Fact] {
        let password = request.password.withExposed { $0 }
        try PasswordRule.check(password, person: person.id)
        guard let step = TOTP.step(of: request.code, secret: seed, at: recorder.world.now()) else {
            throw .refused(.signInFailed, "totp: not the code of the new secret; check this device's clock")
        }
        let hash: String
        do { hash = try await check.hashing.hash(password) } catch { throw .hashing(error) }
        return [
            .factorSet(person.id, .password, sealed: try sealed(Array(hash.utf8), person.id, .password)),
            .factorSet(person.id, .totp, sealed: try sealed(seed, person.id, .totp)),
            .totpStepTaken(person.id, step: step),
        ]
    }

    private func present(
        _ request: PersonEnrolment, _ person: Identity, _ source: String
    ) async throws(AuthorityError) -> [Fact] {
        let password = request.password.withExposed { $0 }
        guard password.count <= FactorCheck.longestPassword else {
            throw .refused(.badRequest, "password: longer than 1024 bytes")
        }
        let verdict = try await check.check(
            name: person.id.name.text, password: password, code: request.code, source: source)
        guard case .proven(_, let step, let attempts) = verdict else { throw .refused(.signInFailed) }
        try await check.settle(attempts)
        return [.totpStepTaken(person.id, step: step)]
    }

    private func sealed(
        _ plain: [UInt8], _ id: IdentityID, _ factor: Factor
    ) throws(AuthorityError) -> [UInt8] {
        do { return try recorder.sealing.seal(plain, context: FactorCheck.context(id, factor)) } catch {
            throw .sealing(error)
        }
    }
}
