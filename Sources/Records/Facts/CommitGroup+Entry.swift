import Authority
import SSHFormats

extension CommitGroup {
    /// Keeps an entry: its claim, its facts in their order, its event.
    ///
    /// - Throws: `.conflict` with the first fact that does not hold.
    func record(_ entry: Entry) throws(StoreError) -> Receipt {
        let index = entry.event == nil ? nil : try nextIndex()
        let receipt = Receipt(index: index, treeSize: index.map { $0 + 1 })
        if let claim = entry.claim { try take(claim, reply: entry.reply, receipt) }
        for fact in entry.facts { try apply(fact, at: entry.event?.time) }
        if let event = entry.event { _ = try append(event) }
        return receipt
    }

    private func apply(_ fact: Fact, at moment: UnixTime?) throws(StoreError) {
        move(fact.moves)
        switch fact {
        case .identityAdded(let identity): try add(identity)
        case .identityChanged(let identity): try change(identity)
        case .keyRegistered(let key): try register(key)
        case .keyChanged(let fingerprint, let state): try change(fingerprint, to: state, at: moment)
        case .keyReauthorized(let fingerprint, let at): try reauthorize(fingerprint, at: at)
        case .keyUsed(let fingerprint, let at, let source): try use(fingerprint, at: at, from: source)
        case .factorSet(let id, let factor, let sealed):
            try set(factor, of: id, sealed: sealed, at: moment)
        case .linkMade(let link): try make(link)
        case .linkRedeemed(let tokenHash, let key, let at): try redeem(tokenHash, by: key, at: at)
        case .linkCompleted(let tokenHash, let key, let at): try complete(tokenHash, by: key, at: at)
        case .recoveryCodesSet(let id, let hashes): try set(recoveryCodes: hashes, of: id)
        case .recoveryCodeUsed(let id, let hash, let at): try use(recoveryCode: hash, of: id, at: at)
        case .noticed(let id, let notice): try keep(notice, for: id)
        case .signInPending(let pending): try keep(pending)
        case .signInDecided(let id, let decision): try decide(signIn: id, decision)
        case .passkeyAsked(let request): try keep(request)
        case .passkeyMoved(let id, let state, let proof): try move(passkeyRequest: id, to: state, proof)
        case .passkeyAdded(let passkey): try add(passkey)
        case .passkeyUsed(let id, let use): try self.use(passkey: id, use)
        case .passkeyRemoved(let id, let person): try remove(passkey: id, of: person)
        case .browserSignInAsked(let asked, let most): try keep(asked, most: most)
        case .browserSignInMoved(let moved): try move(moved)
        case .factorsShown(let id, let factors): try set(factors: factors, ofSession: id)
        case .sessionStarted(let session, let tokenHash): try start(session, tokenHash: tokenHash)
        case .sessionUsed(let id, let at): try use(session: id, at: at)
        case .sessionEnded(let id, let at): try end(session: id, at: at)
        case .sessionsEnded(let id, let at): try endSessions(of: id, at: at)
        case .totpStepTaken(let id, let step): try take(step: step, of: id)
        case .upstreamLinked(let link): try add(link)
        case .upstreamUnlinked(let account): try remove(account)
        case .upstreamStood(let account, let token, let at): try stand(account, token: token, at: at)
        case .upstreamAsked(let account, let since, let at): try ask(account, since: since, at: at)
        case .groupsSet(let id, let source, let groups): try set(groups, of: id, source: source)
        case .provisioned(let fact): try apply(fact)
        case .policyApplied(let version): try apply(version)
        case .certificateIssued(let issued): try issue(issued)
        case .approvalAsked(let request, let most): try ask(request, most: most)
        case .approvalVoted(let number, let vote): try keep(vote, on: number)
        case .approvalUsed(let number, let at): try use(approval: number, at: at)
        case .approvalEnded(let number, let at): try end(approval: number, at: at)
        case .revoked(let revocation): try revoke(revocation)
        case .caKey(let fact): try apply(fact)
        case .hostStateMoved: try moveHostState()
        case .hostAcknowledged(let said): try keep(said)
        case .hostClockSeen(let clock): try keep(clock)
        case .hostBegun(let host): try forgetAcknowledgement(of: host)
        case .unmoved(let count): try require(unmoved: count)
        }
    }

    /// The state of every host is due again.
    func moveHostState() throws(StoreError) {
        try session.send("UPDATE counter SET value = value + 1 WHERE name = 'hostState'", [])
        try session.notify("hostState")
    }

    /// - Throws: `.busy` where something moved that the entry was decided by.
    private func require(unmoved count: UInt64) throws(StoreError) {
        guard !moved.contains(.places), try counts.now(.places, session) == count else { throw .busy }
    }

    /// - Throws: `conflict` unless the statement changes a row.
    func require(_ conflict: Conflict, _ sql: String, _ values: [SQLValue]) throws(StoreError) {
        guard try session.run(sql, values, usually: 1) > 0 else { throw .conflict(conflict) }
    }
}
