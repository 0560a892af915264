import Names
import SSHFormats

extension CAKeyDesk {
    /// Registers the keys that the authority began with, and brings the signer to where the store is.
    ///
    /// - Throws: `.signer` where it cannot be: the database is older than the signer, and was not restored.
    func begin() async throws(AuthorityError) {
        let sets: CAKeySets
        do { sets = try await store.caKeySets() } catch { throw .store(error) }
        for authority in CAKeySets.rotating where !sets.keys.contains(where: { $0.authority == authority }) {
            let first = CAKey(
                authority: authority, publicKey: try keys.key(of: authority), state: .signing,
                since: recorder.world.now())
            try await keep([.first(first)], nil)
        }
        try await catchUp(sets)
        try await book.read()
    }

    /// Takes the steps that are due: a prepared key signs once everybody knows it, a retiring one goes once nothing of it is
    /// left. Whichever node is first does; the commit refuses a second time.
    package func advance() async throws(AuthorityError) {
        let version: UInt64
        do { version = try await store.hostStateVersion() } catch { throw .store(error) }
        let sets = try await book.sets(atLeast: version)
        let now = recorder.world.now()
        for key in sets.keys {
            switch key.state {
            case .prepared: try await sign(by: key, at: now)
            case .retiring where Self.end(of: key, at: now) == nil: try await retire(key, at: now)
            case .signing, .retiring, .retired: continue
            }
        }
    }

    /// Lets a prepared key sign if nobody is waited for. A host that comes or comes back meanwhile makes it be decided anew.
    private func sign(by key: CAKey, at now: UnixTime) async throws(AuthorityError) {
        let isDone = try await policies.turns.take { (unmoved) async throws(AuthorityError) in
            // What was waived is read anew: it moves no host's state.
            let sets = try await book.read()
            guard sets.keys.contains(key) else { return false }
            guard try await waits(for: key, sets, at: now).isEmpty else { return false }
            let former = sets.key(key.authority, .signing)
            var details: [String: EventValue] = ["key": .text(key.publicKey.fingerprint.description)]
            if let former { details["former"] = .text(former.publicKey.fingerprint.description) }
            let waived = sets.waivers.filter { $0.key == key.publicKey.fingerprint }.map(\.holder.description)
            if !waived.isEmpty { details["waived"] = .list(waived) }
            return try await step(
                .signing(key.authority, key.publicKey.fingerprint, at: now, end: nil),
                Self.event(.caKeySigning, key, details, now), unmoved)
        }
        if isDone { try await book.read() }
    }

    private func retire(_ key: CAKey, at now: UnixTime) async throws(AuthorityError) {
        let details: [String: EventValue] = [
            "key": .text(key.publicKey.fingerprint.description),
            "lastExpiry": .number(key.lastExpiry?.seconds ?? 0),
        ]
        let isDone = try await step(
            .retired(key.authority, key.publicKey.fingerprint, at: now, isStolen: false),
            Self.event(.caKeyRetired, key, details, now), nil)
        if isDone { try await book.read() }
    }

    /// A store that was restored from a backup may lack what the signer did after it: the signer is right, and what the
    /// former key signed since then is not known.
    private func catchUp(_ sets: CAKeySets) async throws(AuthorityError) {
        let held: [HeldCAKey]
        do { held = try await signer.caKeys() } catch {
            guard error != .sealed else { return }
            throw .signer(error)
        }
        for authority in CAKeySets.rotating {
            let own = sets.keys.filter { $0.authority == authority }
            guard let signing = own.last(where: { $0.state == .signing }),
                let present = held.first(where: { $0.authority == authority && $0.state == .signing }),
                held.first(where: { $0.publicKey == signing.publicKey })?.state == .retiring
                    || !held.contains(where: { $0.publicKey == signing.publicKey }),
                own.allSatisfy({ $0.carried.epoch < epoch })
            else { continue }
            let now = recorder.world.now()
            let isKnown = own.contains { $0.publicKey == present.publicKey && $0.state == .prepared }
            let key = CAKey(authority: authority, publicKey: present.publicKey, state: .prepared, since: now)
            let longest =
                authority == .host ? CertificateLint.longestHost : CertificateLint.longestUser
            try await keep(
                (isKnown ? [] : [.prepared(key)]) + [
                    .signing(
                        authority, present.publicKey.fingerprint, at: now,
                        end: now.advanced(by: Int64(longest)))
                ],
                Self.event(
                    .caKeySigning, key,
                    [
                        "key": .text(present.publicKey.fingerprint.description),
                        "former": .text(signing.publicKey.fingerprint.description),
                        "reason": .text("the signer signs by it: the database is from a backup"),
                    ], now))
        }
    }

    private static func event(
        _ action: EventAction, _ key: CAKey, _ details: [String: EventValue], _ now: UnixTime
    ) -> Event {
        Event(
            time: now, action: action, actor: nil, subject: key.authority.rawValue, requestID: "rotation",
            source: "node", details: details)
    }

    /// - Returns: Whether it was this node that took the step.
    private func step(_ fact: CAFact, _ event: Event, _ unmoved: Fact?) async throws(AuthorityError) -> Bool {
        let facts = [unmoved].compactMap(\.self) + [.caKey(fact)]
        do throws(StoreError) { _ = try await recorder.journal.record(Entry(facts, event: event)) } catch {
            guard case .conflict(.caKeyMoved) = error else { throw .store(error) }
            return false
        }
        await recorder.hostStates.moved()
        return true
    }

    private func keep(_ facts: [CAFact], _ event: Event?) async throws(AuthorityError) {
        do {
            _ = try await recorder.journal.record(Entry(facts.map(Fact.caKey), event: event))
        } catch {
            throw .store(error)
        }
    }
}
