import Names
import SSHFormats

/// What the page in the browser asks for. Whoever has its address is a stranger: they learn where the request comes from,
/// and only with the number what a passkey is to sign.
package struct PasskeyPage: Sendable {
    let passkeys: any Passkeys
    let recorder: Recorder
    package let settings: PasskeySettings?

    /// Where a request comes from.
    ///
    /// - Throws: `.refused(.conversationOver)` for all that is unknown, answered or too old.
    package func look(_ token: String) async throws(AuthorityError) -> PasskeyRequest {
        let found: PasskeyRequest?
        do { found = try await passkeys.passkeyRequest(tokenHash: TokenHash.of(token)) } catch {
            throw .store(error)
        }
        guard settings != nil, let found, found.state == .open || found.state == .numbered,
            !found.isOver(at: recorder.world.now())
        else { throw .refused(.conversationOver) }
        return found
    }

    /// What a passkey is to sign, for whoever knows the number. Another number ends the request.
    ///
    /// - Returns: The request, with the ids of the keys that are registered already, or of security keys that may answer.
    package func open(
        _ token: String, number: String, source: String, requestID: String
    ) async throws(AuthorityError) -> (PasskeyRequest, ids: [[UInt8]]) {
        let request = try await look(token)
        guard constantTimeEquals(Array(request.number.utf8), Array(number.utf8)) else {
            let event = event(.signInDenied, request, source, requestID, ["reason": .text("wrong-number")])
            throw await recorder.deny(
                Refused(.signInFailed, "number: not the one that is shown where this began; it is over"),
                event, keeping: [.passkeyMoved(id: request.id, .denied, nil)])
        }
        if request.state == .open { try await move(request, [.passkeyMoved(id: request.id, .numbered, nil)]) }
        do { return (request, try await ids(for: request)) } catch { throw .store(error) }
    }

    private func ids(for request: PasskeyRequest) async throws(StoreError) -> [[UInt8]] {
        if let registration = request.registration {
            return try await passkeys.passkeys(of: registration.person).map(\.id)
        }
        guard let person = request.listed else { return [] }
        return try await passkeys.passkeys(of: person).filter { !$0.isDiscoverable }.map(\.id)
    }

    /// Whether a security key that is not discoverable may answer, or is to be registered.
    package func takesSecurityKeys(_ request: PasskeyRequest) async throws(AuthorityError) -> Bool {
        if let registration = request.registration { return registration.residentKey == .discouraged }
        do { return try await !ids(for: request).isEmpty } catch { throw .store(error) }
    }

    /// Ends the request: it was not theirs.
    package func deny(
        _ token: String, source: String, requestID: String
    ) async throws(AuthorityError) {
        let request = try await look(token)
        let event = event(.signInDenied, request, source, requestID, [:])
        _ = try await recorder.record(
            [.passkeyMoved(id: request.id, .denied, nil)], event, true, once: .unclaimed)
    }

    /// Takes what a passkey signed. Its challenge counts once, whatever comes of it.
    package func answer(
        _ token: String, _ assertion: PasskeyAssertion, source: String, requestID: String
    ) async throws(AuthorityError) {
        let (request, settings) = try await numbered(token, .signIn)
        let passkey: Passkey?
        do { passkey = try await passkeys.passkey(id: assertion.id) } catch { throw .store(error) }
        let shown: AssertedPasskey
        do throws(PasskeyFault) {
            guard let passkey else { throw .unknown }
            guard passkey.isDiscoverable || passkey.person == request.listed else { throw .notListed }
            shown = try settings.verifier.asserted(assertion, by: passkey, settings.expectation(request))
            guard passkey.mayCount(shown.signCount) else { throw .signCountFell }
        } catch {
            throw await refuse(error, request, passkey, source, requestID)
        }
        guard let passkey else { return }
        let use = PasskeyUse(
            signCount: shown.signCount, isBackedUp: shown.isBackedUp, at: recorder.world.now())
        try await move(
            request,
            [
                .passkeyMoved(id: request.id, .answered, PasskeyRequest.Proof(passkey.person, passkey.id)),
                .passkeyUsed(passkey.id, use),
            ])
    }

    /// Takes a new passkey, which counts once the session that asked for it comes for it.
    package func answer(
        _ token: String, _ attestation: PasskeyAttestation, source: String, requestID: String
    ) async throws(AuthorityError) {
        let (request, settings) = try await numbered(token, .registration)
        guard let registration = request.registration else { throw .refused(.conversationOver) }
        let attested: AttestedPasskey
        do throws(PasskeyFault) {
            attested = try settings.verifier.attested(attestation, settings.expectation(request))
        } catch {
            throw await refuse(error, request, nil, source, requestID)
        }
        let new = Passkey(
            id: attested.id, person: registration.person, handle: registration.handle, key: attested.key,
            signCount: attested.signCount, transports: attestation.transports,
            isBackupEligible: attested.isBackupEligible, isBackedUp: attested.isBackedUp,
            residentKey: registration.residentKey, name: registration.name, createdAt: recorder.world.now())
        let proof = PasskeyRequest.Proof(registration.person, new.encoded())
        try await move(request, [.passkeyMoved(id: request.id, .answered, proof)])
    }

    private func numbered(
        _ token: String, _ purpose: PasskeyRequest.Purpose
    ) async throws(AuthorityError) -> (PasskeyRequest, PasskeySettings) {
        let request = try await look(token)
        guard let settings, request.state == .numbered, request.purpose == purpose else {
            throw .refused(.conversationOver)
        }
        return (request, settings)
    }

    /// Ends the request. A count that fell alarms: the passkey may have been copied.
    private func refuse(
        _ fault: PasskeyFault, _ request: PasskeyRequest, _ passkey: Passkey?, _ source: String,
        _ requestID: String
    ) async -> AuthorityError {
        var facts = [Fact.passkeyMoved(id: request.id, .failed, nil)]
        var details: [String: EventValue] = ["reason": .text(fault.rawValue)]
        var action = request.purpose == .signIn ? EventAction.signInRefused : .factorSet
        if fault == .signCountFell, let passkey {
            action = .signCountFell
            details["passkey"] = .text(passkey.name.text)
            let now = recorder.world.now()
            facts.append(.noticed(passkey.person, Notice(.signCountFell, at: now, source: source)))
        }
        let event = event(action, request, source, requestID, details, by: passkey?.person)
        return await recorder.deny(
            Refused(.signInFailed, "the passkey's answer does not count; begin again"), event, keeping: facts)
    }

    /// Somebody else may have been faster: then it is over.
    private func move(_ request: PasskeyRequest, _ facts: [Fact]) async throws(AuthorityError) {
        do throws(AuthorityError) { try await recorder.keep(facts) } catch {
            guard case .refused(let refused) = error, refused.refusal == .signInFailed else { throw error }
            throw .refused(.conversationOver)
        }
    }

    private func event(
        _ action: EventAction, _ request: PasskeyRequest, _ source: String, _ requestID: String,
        _ details: [String: EventValue], by actor: IdentityID? = nil
    ) -> Event {
        let own: [String: EventValue] = [
            "factor": .text(Factor.webauthn.rawValue), "purpose": .text(request.purpose.rawValue),
        ]
        return Event(
            time: recorder.world.now(), action: action, actor: actor ?? request.registration?.person,
            subject: request.id, requestID: requestID, source: source,
            details: own.merging(details) { _, told in told })
    }
}
