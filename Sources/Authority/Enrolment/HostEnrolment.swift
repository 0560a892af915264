import Names
package import SSHFormats

/// A host key with its proof.
package struct ProvenHostKey: Sendable {
    package let publicKey: PublicKey
    package let signature: Signature

    package init(publicKey: PublicKey, signature: Signature) {
        self.publicKey = publicKey
        self.signature = signature
    }
}

/// Finishes a host's enrolment: its existing ssh host keys and its agent's own key are registered.
package struct HostEnrolmentDesk: Sendable {
    let enrolment: Enrolment
    let directory: any Directory
    let recorder: Recorder

    /// - Parameter context: What stands before the challenge in the signed bytes.
    package func finish(
        token: String, state: String, hostKeys: [ProvenHostKey], context: String, agentKey: PublicKey,
        source: String, requestID: String, once: Once<Identity>
    ) async throws(AuthorityError) -> Outcome<Identity> {
        let now = recorder.world.now()
        let begun = try EnrolmentState(
            state, token: token, key: agentKey, sealing: recorder.sealing, at: now)
        let host = try await enrolment.identity(linkHash: begun.linkHash)
        guard host.id.kind == .host else { throw .refused(.linkInvalid) }
        guard (1...8).contains(hostKeys.count) else { throw .refused(.badRequest, "hostKeys: 1 to 8") }
        for key in hostKeys { try check(key, over: Array(context.utf8) + begun.extra) }
        let keys = hostKeys.map(\.publicKey) + [agentKey]
        let event = Event(
            time: now, action: .enrolled, actor: host.id, subject: host.id.description, requestID: requestID,
            source: source,
            details: [
                "agentKey": .text(agentKey.fingerprint.description),
                "hostKeys": .list(hostKeys.map { $0.publicKey.fingerprint.description }),
            ])
        do { try await enrolment.checkAlive(keys) } catch {
            guard case .refused(let refused) = error else { throw error }
            throw await recorder.deny(refused, event)
        }
        let replaced = try await replaced(host.id, by: keys)
        let new =
            [(agentKey, KeyOrigin.enrolment)] + hostKeys.map { ($0.publicKey, KeyOrigin.hostKey) }
        let facts: [Fact] =
            [.linkCompleted(tokenHash: begun.linkHash, by: agentKey.fingerprint, at: now)]
            + replaced.map { .keyChanged($0.publicKey.fingerprint, .deactivated) }
            + new.map { .keyRegistered(registered($0, host.id, $1, replaced, now)) }
            + [
                .keyUsed(agentKey.fingerprint, at: now, from: source), .hostBegun(host.id), .hostStateMoved,
            ]
        return try await recorder.record(facts, event, host, once: once)
    }

    private func check(_ key: ProvenHostKey, over bytes: [UInt8]) throws(AuthorityError) {
        do { try key.publicKey.checkStrength() } catch { throw .refused(.keyTooWeak, "\(error)") }
        do { try key.publicKey.verify(key.signature, over: bytes) } catch {
            throw .refused(.proofInvalid, "\(key.publicKey.fingerprint) did not sign the challenge")
        }
    }

    /// A reinstalled host enrols again with new keys; the former ones end.
    private func replaced(
        _ host: IdentityID, by keys: [PublicKey]
    ) async throws(AuthorityError) -> [RegisteredKey] {
        let present: [RegisteredKey]
        do { present = try await directory.keys(of: host) } catch { throw .store(error) }
        let staying = Set(keys.map(\.fingerprint))
        return present.filter { $0.state == .active && !staying.contains($0.publicKey.fingerprint) }
    }

    /// It follows the replaced key of the same origin, and for ssh host keys of the same type.
    private func registered(
        _ key: PublicKey, _ host: IdentityID, _ origin: String, _ replaced: [RegisteredKey], _ now: UnixTime
    ) -> RegisteredKey {
        let predecessor = replaced.last { former in
            former.origin == origin
                && (origin != KeyOrigin.hostKey || former.publicKey.type == key.type)
        }
        return RegisteredKey(
            publicKey: key, identity: host, purpose: .authenticate, origin: origin, createdAt: now,
            predecessor: predecessor?.publicKey.fingerprint)
    }
}
