import Names
package import SSHFormats

/// Replaces CA keys: `prepared → signing → retiring → retired`, each step only when it breaks nobody's login.
package struct CAKeyDesk: Sendable {
    let store: any CAKeys & Acknowledgements & Certificates
    let directory: any Directory
    let keys: AuthorityKeys
    let signer: any CAKeyring
    let policies: PolicyDesk
    let recorder: Recorder
    let epoch: UInt64
    var book: CAKeyBook { keys.book }

    /// Most keys of one authority that are not retired.
    private static let most = 8

    /// What somebody asked for and got.
    package struct Change: Hashable, Sendable {
        package let authority: CertificateAuthority
        package let key: Fingerprint
        package let state: CAKeyState
    }

    /// Makes the next key of an authority and lets hosts or clients know it. It signs once they do.
    package func rotate(
        _ authority: CertificateAuthority, reason: String?, by requester: Requester, once: Once<Change>
    ) async throws(AuthorityError) -> Outcome<Change> {
        let now = recorder.world.now()
        let event = event(.caKeyPrepared, authority, reason, requester, now)
        try await policies.authorize(.admin, requester, .caKeyPrepared, on: authority.rawValue)
        let sets = try await book.read()
        do throws(AuthorityError) { try Self.checkRoom(authority, sets) } catch {
            guard case .refused(let refused) = error else { throw error }
            throw await recorder.deny(refused, event)
        }
        let key = try await prepared(authority, at: now)
        let change = Change(authority: authority, key: key.publicKey.fingerprint, state: .prepared)
        let outcome = try await recorder.record(
            [.caKey(.prepared(key))], event.with(["key": .text(change.key.description)]), change, once: once)
        try await book.read()
        return outcome
    }

    /// Says that a rotation need not wait for this host or device any longer.
    package func waive(
        _ name: String, reason: String?, by requester: Requester, once: Once<Change>
    ) async throws(AuthorityError) -> Outcome<Change> {
        let now = recorder.world.now()
        try await policies.authorize(.admin, requester, .caWaived, on: name)
        let (key, holder) = try await awaited(name, requester, at: now)
        var details: [String: EventValue] = [
            "authority": .text(key.authority.rawValue), "key": .text(key.publicKey.fingerprint.description),
        ]
        if let reason { details["reason"] = .text(reason) }
        let event = Event(.caWaived, by: requester, on: holder.description, at: now, details: details)
        let change = Change(
            authority: key.authority, key: key.publicKey.fingerprint, state: key.state)
        let waiver = CAWaiver(
            key: change.key, holder: holder, by: requester.identity.id, at: now)
        let outcome = try await recorder.record([.caKey(.waived(waiver))], event, change, once: once)
        try await book.read()
        return outcome
    }

    private func awaited(
        _ name: String, _ requester: Requester, at now: UnixTime
    ) async throws(AuthorityError) -> (CAKey, IdentityID) {
        let hosts: [IdentityID]
        do { hosts = try await directory.hosts(knownAs: name).map(\.id) } catch { throw .store(error) }
        // A name that hosts share names none of them.
        let host = hosts.first { $0.name.text == name } ?? (hosts.count == 1 ? hosts.first : nil)
        let meant = [host, try? IdentityID(name)].compactMap(\.self)
        let sets = try await book.read()
        for authority in CAKeySets.rotating {
            guard let key = sets.key(authority, .prepared) else { continue }
            let holders = try await waits(for: key, sets, at: now).compactMap(\.holder)
            if let holder = meant.first(where: holders.contains) { return (key, holder) }
        }
        throw await recorder.deny(
            Refused(.stateChange, "no rotation waits for \(name)"),
            Event(.caWaived, by: requester, on: name, at: now))
    }

    /// What the signer prepared, as a row of the store.
    func prepared(
        _ authority: CertificateAuthority, at now: UnixTime
    ) async throws(AuthorityError) -> CAKey {
        do {
            let (key, sealed) = try await signer.prepareKey(authority)
            return CAKey(
                authority: authority, publicKey: key, state: .prepared, since: now, sealed: sealed)
        } catch {
            throw .signer(error)
        }
    }

    func event(
        _ action: EventAction, _ authority: CertificateAuthority, _ reason: String?, _ requester: Requester,
        _ now: UnixTime
    ) -> Event {
        Event(
            action, by: requester, on: authority.rawValue, at: now,
            details: reason.map { ["reason": .text($0)] } ?? [:])
    }

    private static func checkRoom(
        _ authority: CertificateAuthority, _ sets: CAKeySets
    ) throws(AuthorityError) {
        guard CAKeySets.rotating.contains(authority) else {
            throw .refused(.badRequest, "the \(authority.rawValue) CA does not rotate yet")
        }
        if let key = sets.key(authority, .prepared) {
            throw .refused(
                .stateChange,
                "a rotation is under way: \(key.publicKey.fingerprint) is prepared; see reeve ca status")
        }
        guard sets.keys.count(where: { $0.authority == authority && $0.state != .retired }) < most else {
            throw .refused(.stateChange, "\(most) keys of that authority still count: let some retire first")
        }
    }
}
