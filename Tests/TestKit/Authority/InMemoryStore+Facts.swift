import Authority
import Names
import SSHFormats

extension InMemoryStore.Contents {
    mutating func apply(_ fact: Fact, at moment: UnixTime?) throws(RefusedFact) {
        switch fact {
        case .identityAdded, .identityChanged, .keyRegistered, .keyChanged, .keyReauthorized, .keyUsed:
            try applyIdentity(fact, at: moment)
        case .factorSet, .linkMade, .linkRedeemed, .linkCompleted, .totpStepTaken:
            try applyEnrolment(fact, at: moment)
        case .recoveryCodesSet, .recoveryCodeUsed, .noticed: try applyRecovery(fact)
        case .signInPending, .signInDecided: try applyPending(fact)
        case .passkeyAsked, .passkeyMoved, .passkeyAdded, .passkeyUsed, .passkeyRemoved:
            try applyPasskey(fact)
        case .browserSignInAsked, .browserSignInMoved: try applyBrowser(fact)
        case .sessionStarted, .sessionUsed, .factorsShown, .sessionEnded, .sessionsEnded:
            try applySession(fact)
        case .upstreamLinked, .upstreamUnlinked, .upstreamStood, .upstreamAsked, .groupsSet:
            try applyUpstream(fact)
        case .provisioned(let fact): try apply(fact)
        case .policyApplied(let version):
            guard version.version == (policies.last?.version ?? 0) + 1 else {
                throw RefusedFact(.versionMoved)
            }
            policies.append(version)
            standing += 1
        case .certificateIssued(let issued): try issue(issued)
        case .approvalAsked, .approvalVoted, .approvalUsed, .approvalEnded: try applyApproval(fact)
        case .revoked(let revocation):
            let holders = holders(revocation.target)
            revocations.append(InMemoryStore.KeptRevocation(revocation: revocation, holders: holders))
            hostState += 1
        case .caKey(let fact): try apply(fact)
        case .hostStateMoved: hostState += 1
        case .hostAcknowledged(let said): keep(said)
        case .hostClockSeen(let clock): keep(clock)
        case .hostBegun(let host): (acknowledged[host], ended[host]) = (nil, nil)
        case .unmoved(let count):
            guard count == standing else { throw RefusedFact.busy }
        }
    }

    private mutating func applyIdentity(_ fact: Fact, at moment: UnixTime?) throws(RefusedFact) {
        switch fact {
        case .identityAdded(let identity):
            standing += 1
            guard !identities.contains(where: { $0.id == identity.id }) else { throw RefusedFact(.exists) }
            try require(identity.owner)
            identities.append(identity)
        case .identityChanged(let identity):
            guard let place = identities.firstIndex(where: { $0.id == identity.id }) else {
                throw RefusedFact(.missing)
            }
            standing += 1
            identities[place].status = identity.status
            identities[place].statusBy = identity.statusBy
            identities[place].attributes = identity.attributes
            if identity.id.kind == .host { hostState += 1 }
        case .keyRegistered(let key):
            guard let held = keys.first(where: { $0.publicKey == key.publicKey }) else {
                try require(key.identity)
                keyStates[key.publicKey.fingerprint] = [KeyStateChange(key.state, since: key.createdAt)]
                return keys.append(key)
            }
            guard held.identity == key.identity else { throw RefusedFact(.keyTaken) }
        case .keyChanged(let fingerprint, let state):
            guard let place = keys.firstIndex(where: { $0.publicKey.fingerprint == fingerprint }) else {
                throw RefusedFact(.missing)
            }
            keys[place].state = state
            if let moment { keyStates[fingerprint]?.append(KeyStateChange(state, since: moment)) }
        case .keyReauthorized(let fingerprint, let at):
            guard
                let place = keys.firstIndex(where: {
                    $0.publicKey.fingerprint == fingerprint && $0.state == .active
                })
            else { throw RefusedFact(.missing) }
            keys[place].reauthorizedAt = at
        case .keyUsed(let fingerprint, let at, let source):
            if keys.contains(where: { $0.publicKey.fingerprint == fingerprint }) {
                var sources = (keySources[fingerprint] ?? [:]).filter { $0.value >= at.advanced(by: -3_600) }
                sources[SourceNetwork.of(source)] = max(sources[SourceNetwork.of(source)] ?? at, at)
                keySources[fingerprint] = sources
            }
            guard let place = keys.firstIndex(where: { $0.publicKey.fingerprint == fingerprint }),
                keys[place].lastUsedAt.map({ $0 < at }) ?? true
            else { return }
            keys[place].lastUsedAt = at
            keys[place].lastUsedFrom = source
        default: return
        }
    }

    private mutating func applyEnrolment(_ fact: Fact, at moment: UnixTime?) throws(RefusedFact) {
        switch fact {
        case .factorSet(let id, let factor, let sealed):
            try require(id)
            secrets.removeAll { $0.id == id && $0.factor == factor }
            secrets.append(InMemoryStore.KeptSecret(id: id, factor: factor, sealed: sealed, setAt: moment))
            if factor == .totp { steps[id] = nil }
        case .linkMade(let link):
            guard !links.contains(where: { $0.tokenHash == link.tokenHash }) else {
                throw RefusedFact(.exists)
            }
            try require(link.identity)
            links.append(link)
            endLinks(of: link.identity, but: link.tokenHash)
        case .linkRedeemed(let hash, let key, let at):
            guard let place = links.firstIndex(where: { $0.tokenHash == hash }),
                links[place].completedAt == nil,
                at <= links[place].notAfter, links[place].redeemedBy ?? key == key
            else { throw RefusedFact(.linkUsed) }
            links[place].redeemedBy = key
        case .linkCompleted(let hash, let key, let at):
            guard let place = links.firstIndex(where: { $0.tokenHash == hash }),
                links[place].completedAt == nil,
                links[place].redeemedBy == key
            else { throw RefusedFact(.linkUsed) }
            links[place].completedAt = at
            endLinks(of: links[place].identity, but: hash)
        case .totpStepTaken(let id, let step):
            try require(id)
            if let taken = steps[id], step <= taken { throw RefusedFact(.stepUsed) }
            steps[id] = step
        default: return
        }
    }

    private mutating func applyRecovery(_ fact: Fact) throws(RefusedFact) {
        switch fact {
        case .recoveryCodesSet(let id, let hashes):
            try require(id)
            codes[id] = hashes
        case .recoveryCodeUsed(let id, let hash, _):
            guard let place = codes[id]?.firstIndex(of: hash) else { throw RefusedFact(.stepUsed) }
            codes[id]?.remove(at: place)
        case .noticed(let id, let notice):
            try require(id)
            if let last = notices[id]?[notice.kind], last.at > notice.at { return }
            notices[id, default: [:]][notice.kind] = notice
        default: return
        }
    }

    private mutating func applyPending(_ fact: Fact) throws(RefusedFact) {
        switch fact {
        case .signInPending(let new):
            try require(new.identity)
            guard !pending.contains(where: { $0.id == new.id }) else { throw RefusedFact(.exists) }
            pending.removeAll {
                $0.identity == new.identity && $0.askedAt < new.askedAt.advanced(by: -86_400)
            }
            pending.append(new)
        case .signInDecided(let id, let decision):
            guard let place = pending.firstIndex(where: { $0.id == id }),
                pending[place].decision == (decision == .used ? .approved : nil)
            else { throw RefusedFact(.stepUsed) }
            pending[place].decision = decision
        default: return
        }
    }

    private mutating func endLinks(of id: IdentityID, but hash: [UInt8]) {
        links.removeAll { $0.identity == id && $0.completedAt == nil && $0.tokenHash != hash }
    }

    private mutating func applySession(_ fact: Fact) throws(RefusedFact) {
        switch fact {
        case .sessionStarted(let session, let hash):
            guard !sessions.contains(where: { $0.session.id == session.id || $0.tokenHash == hash }) else {
                throw RefusedFact(.sessionMade)
            }
            try require(session.identity)
            try require(session.device)
            sessions.append(InMemoryStore.KeptSession(session: session, tokenHash: hash))
        case .sessionUsed(let id, let at):
            for place in sessions.indices where sessions[place].session.id == id {
                sessions[place].session.lastUsedAt = max(sessions[place].session.lastUsedAt, at)
            }
        case .factorsShown(let id, let factors):
            for place in sessions.indices where sessions[place].session.id == id {
                guard sessions[place].session.endedAt == nil else { continue }
                sessions[place].session.factors = factors
            }
        case .sessionEnded(let id, let at): end(at) { $0.id == id }
        case .sessionsEnded(let id, let at):
            let all = holders(id)
            end(at) { all.contains($0.identity) || all.contains($0.device ?? $0.identity) }
        default: return
        }
    }

    private mutating func issue(_ issued: IssuedCertificate) throws(RefusedFact) {
        let isKnown = certificates.contains {
            $0.authority == issued.authority && $0.certificate.serial == issued.certificate.serial
        }
        guard !isKnown else { throw RefusedFact(.exists) }
        try requireSigning(issued)
        certificates.append(issued)
        let covering = revocations.filter { covers($0, issued) }
        if !covering.isEmpty, !covering.contains(where: isBySerial) { hostState += 1 }
    }

    /// The identity and its devices.
    func holders(_ id: IdentityID) -> Set<IdentityID> {
        Set([id] + identities.filter { $0.owner == id && $0.id.kind == .device }.map(\.id))
    }

    private func holders(_ target: RevocationTarget) -> Set<IdentityID> {
        guard case .identity(let id) = target else { return [] }
        return holders(id)
    }

    func covers(_ kept: InMemoryStore.KeptRevocation, _ issued: IssuedCertificate) -> Bool {
        switch kept.revocation.target {
        case .serial(let authority, let serial):
            issued.authority == authority && issued.certificate.serial == serial
        case .key(let key): issued.certificate.fingerprint == key
        case .identity(let id):
            issued.issuedAt <= kept.revocation.at
                && (kept.holders.contains(issued.identity) || issued.device == id)
        }
    }

    private func isBySerial(_ kept: InMemoryStore.KeptRevocation) -> Bool {
        guard case .serial = kept.revocation.target else { return false }
        return true
    }

    /// A reference must have a target.
    private func require(_ id: IdentityID?) throws(RefusedFact) {
        guard let id, !identities.contains(where: { $0.id == id }) else { return }
        throw RefusedFact(.missing)
    }

    private mutating func end(_ at: UnixTime, _ isMeant: (Session) -> Bool) {
        for place in sessions.indices where sessions[place].session.endedAt == nil {
            if isMeant(sessions[place].session) { sessions[place].session.endedAt = at }
        }
    }
}
