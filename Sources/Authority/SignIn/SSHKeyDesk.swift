package import Names
package import SSHFormats

/// Registers ssh keys of persons as factors.
package struct SSHKeyDesk: Sendable {
    /// The namespace of the proof that somebody holds a key.
    package static let namespace = "key@keyreeve"

    let enrolment: Enrolment
    let policies: PolicyDesk
    let recorder: Recorder
    let origin: String
    let keys: AuthorityKeys

    /// What the key signs to be registered.
    package static func text(of person: IdentityID, at origin: String) -> String {
        "keyreeve key of \(person) at \(origin)"
    }

    /// Registers the key that made this signature, or takes a suspended one into use again. Needs a second factor of the last 15 minutes.
    ///
    /// - Throws: `.refused(.badRequest)` if it is no signature of the text, `.refused(.keyTooWeak)`,
    ///   `.refused(.keyRevoked)` for one that has ended, `.refused(.keyTaken)` for another's (CASES C14).
    package func add(
        _ armoured: String, by requester: Requester, once: Once<PublicKey>
    ) async throws(AuthorityError) -> Outcome<PublicKey> {
        let id = requester.identity.id
        let now = recorder.world.now()
        let text = SSHKeyDesk.text(of: id, at: origin)
        guard id.kind == .person, let signature = try? SSHSIG(armoured: armoured),
            case .key(let key) = signature.signer,
            (try? signature.verify(Array(text.utf8), namespace: SSHKeyDesk.namespace)) != nil
        else {
            throw .refused(.badRequest, "signature: none of `\(text)` in the namespace \(Self.namespace)")
        }
        let event = Event(
            .factorSet, by: requester, on: id.description, at: now,
            details: [
                "factor": .text(Factor.sshkey.rawValue), "key": .text(key.fingerprint.description),
            ])
        try await policies.requireFresh(requester, event)
        let suspended: Bool
        do throws(AuthorityError) { suspended = try await check(key, of: id) } catch {
            guard case .refused(let refused) = error else { throw error }
            throw await recorder.deny(refused, event)
        }
        let registered = RegisteredKey(
            publicKey: key, identity: id, purpose: .authenticate, origin: KeyOrigin.factor, createdAt: now)
        return try await recorder.record(
            [
                suspended ? .keyChanged(key.fingerprint, .active) : .keyRegistered(registered),
                .noticed(id, Notice(.keyAdded, at: now, source: requester.source)),
            ], event, key, once: once)
    }

    /// - Returns: Whether it is theirs and suspended, as keys are that somebody who came back did not speak of.
    private func check(_ key: PublicKey, of id: IdentityID) async throws(AuthorityError) -> Bool {
        try CertificateLint(authorityKeys: keys.fingerprints).check(key)
        let known: RegisteredKey?
        do { known = try await enrolment.directory.key(key.fingerprint) } catch { throw .store(error) }
        if let known, known.identity == id, known.state == .suspended { return true }
        try await enrolment.checkAlive([key])
        return false
    }
}
