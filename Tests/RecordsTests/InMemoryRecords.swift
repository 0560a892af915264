import Authority
import Ledger
import Names
import SSHFormats

/// The contract of the ports in the fewest words: arrays, searched from end to end.
actor InMemoryRecords {
    struct KeptSession { var session: Session, tokenHash: [UInt8] }
    /// With the identity and its devices, as they were then.
    struct KeptRevocation { let revocation: Revocation, holders: Set<IdentityID> }
    struct Block { let node: String, range: ClosedRange<UInt64> }

    /// All that one entry may change; a copy of it is the savepoint.
    struct Contents {
        var identities: [Identity] = []
        var keys: [RegisteredKey] = []
        var secrets: [(id: IdentityID, factor: Factor, sealed: [UInt8])] = []
        var links: [EnrolmentLink] = []
        var sessions: [KeptSession] = []
        var steps: [IdentityID: UInt64] = [:]
        var policies: [PolicyVersion] = []
        var certificates: [IssuedCertificate] = []
        var revocations: [InMemoryRecords.KeptRevocation] = []
        var hostState: UInt64 = 0
        var events: [[UInt8]] = []
        var claims: [(claim: IdempotencyClaim, reply: RememberedReply)] = []
    }

    var contents = Contents()
    var attempts: [(attempt: Attempt, isCleared: Bool)] = []
    var blocks: [Block] = []
    var kept: [KeptCheckpoint] = []
    let now: @Sendable () -> UnixTime

    init(now: @escaping @Sendable () -> UnixTime) { self.now = now }
}

extension InMemoryRecords: Journal {
    func record(_ entry: Entry) throws(StoreError) -> Receipt {
        let before = contents
        do throws(Conflict) {
            return try keep(entry)
        } catch {
            contents = before
            throw .conflict(error)
        }
    }

    private func keep(_ entry: Entry) throws(Conflict) -> Receipt {
        let index = entry.event == nil ? nil : UInt64(contents.events.count)
        let receipt = Receipt(index: index, treeSize: index.map { $0 + 1 })
        if let claim = entry.claim {
            if let found = find(claim, at: now()) { throw .claimed(found) }
            contents.claims.removeAll { $0.claim.scopeHash == claim.scopeHash }
            let reply = RememberedReply(bodyHash: claim.bodyHash, reply: entry.reply, receipt: receipt)
            contents.claims.append((claim, reply))
        }
        for fact in entry.facts { try contents.apply(fact) }
        if let event = entry.event { contents.events.append(event.encoded()) }
        return receipt
    }

    func remembered(_ claim: IdempotencyClaim, at now: UnixTime) -> RememberedReply? { find(claim, at: now) }

    private func find(_ claim: IdempotencyClaim, at now: UnixTime) -> RememberedReply? {
        contents.claims.first { $0.claim.scopeHash == claim.scopeHash && now <= $0.claim.notAfter }?.reply
    }
}

extension Conflict: Error {}

extension InMemoryRecords.Contents {
    mutating func apply(_ fact: Fact) throws(Conflict) {
        switch fact {
        case .identityAdded(let identity):
            guard !identities.contains(where: { $0.id == identity.id }) else { throw .exists }
            try require(identity.owner)
            identities.append(identity)
        case .identityChanged(let identity):
            guard let place = identities.firstIndex(where: { $0.id == identity.id }) else { throw .missing }
            identities[place].status = identity.status
            identities[place].attributes = identity.attributes
            if identity.id.kind == .host { hostState += 1 }
        case .keyRegistered(let key):
            guard let held = keys.first(where: { $0.publicKey == key.publicKey }) else {
                try require(key.identity)
                return keys.append(key)
            }
            guard held.identity == key.identity else { throw .keyTaken }
        case .keyChanged(let fingerprint, let state):
            guard let place = keys.firstIndex(where: { $0.publicKey.fingerprint == fingerprint }) else {
                throw .missing
            }
            keys[place].state = state
        case .factorSet(let id, let factor, let sealed):
            try require(id)
            secrets.removeAll { $0.id == id && $0.factor == factor }
            secrets.append((id, factor, sealed))
        case .policyApplied(let version):
            guard version.version == (policies.last?.version ?? 0) + 1 else { throw .versionMoved }
            policies.append(version)
        case .certificateIssued(let issued):
            let isKnown = certificates.contains {
                $0.authority == issued.authority && $0.certificate.serial == issued.certificate.serial
            }
            guard !isKnown else { throw .exists }
            certificates.append(issued)
            let covering = revocations.filter { covers($0, issued) }
            if !covering.isEmpty, !covering.contains(where: isBySerial) { hostState += 1 }
        case .revoked(let revocation):
            revocations.append(.init(revocation: revocation, holders: holders(revocation.target)))
            hostState += 1
        case .hostStateMoved: hostState += 1
        case .linkMade, .linkRedeemed, .linkCompleted, .sessionStarted, .sessionUsed, .sessionEnded,
            .sessionsEnded, .totpStepTaken:
            try applySignIn(fact)
        }
    }

    private mutating func applySignIn(_ fact: Fact) throws(Conflict) {
        switch fact {
        case .linkMade(let link):
            guard !links.contains(where: { $0.tokenHash == link.tokenHash }) else { throw .exists }
            try require(link.identity)
            links.append(link)
            endLinks(of: link.identity, but: link.tokenHash)
        case .linkRedeemed(let hash, let key, let at):
            guard let place = links.firstIndex(where: { $0.tokenHash == hash }) else { throw .linkUsed }
            let link = links[place]
            guard link.completedAt == nil, at <= link.notAfter, link.redeemedBy ?? key == key else {
                throw .linkUsed
            }
            links[place].redeemedBy = key
        case .linkCompleted(let hash, let key, let at):
            let place = links.firstIndex {
                $0.tokenHash == hash && $0.redeemedBy == key && $0.completedAt == nil
            }
            guard let place else { throw .linkUsed }
            links[place].completedAt = at
            endLinks(of: links[place].identity, but: hash)
        case .sessionStarted(let session, let hash):
            guard !sessions.contains(where: { $0.session.id == session.id || $0.tokenHash == hash }) else {
                throw .exists
            }
            try require(session.identity)
            try require(session.device)
            sessions.append(.init(session: session, tokenHash: hash))
        case .sessionUsed(let id, let at):
            for place in places({ $0.id == id && $0.lastUsedAt < at }) {
                sessions[place].session.lastUsedAt = at
            }
        case .sessionEnded(let id, let at):
            for place in places({ $0.id == id && $0.endedAt == nil }) { sessions[place].session.endedAt = at }
        case .sessionsEnded(let id, let at):
            let all = holders(id)
            let isTheirs = { (session: Session) in
                all.contains(session.identity) || session.device.map(all.contains) ?? false
            }
            for place in places({ $0.endedAt == nil && isTheirs($0) }) {
                sessions[place].session.endedAt = at
            }
        case .totpStepTaken(let id, let step):
            try require(id)
            guard steps[id] ?? 0 < step || steps[id] == nil else { throw .stepUsed }
            steps[id] = step
        default: break
        }
    }

    private mutating func endLinks(of id: IdentityID, but hash: [UInt8]) {
        links.removeAll { $0.identity == id && $0.completedAt == nil && $0.tokenHash != hash }
    }

    /// The identity and its devices.
    func holders(_ id: IdentityID) -> Set<IdentityID> {
        Set([id] + identities.filter { $0.owner == id && $0.id.kind == .device }.map(\.id))
    }

    private func holders(_ target: RevocationTarget) -> Set<IdentityID> {
        guard case .identity(let id) = target else { return [] }
        return holders(id)
    }

    func covers(_ kept: InMemoryRecords.KeptRevocation, _ issued: IssuedCertificate) -> Bool {
        switch kept.revocation.target {
        case .serial(let authority, let serial):
            issued.authority == authority && issued.certificate.serial == serial
        case .key(let key): issued.certificate.fingerprint == key
        case .identity(let id):
            issued.issuedAt <= kept.revocation.at
                && (kept.holders.contains(issued.identity) || issued.device == id)
        }
    }

    private func isBySerial(_ kept: InMemoryRecords.KeptRevocation) -> Bool {
        guard case .serial = kept.revocation.target else { return false }
        return true
    }

    private func require(_ id: IdentityID?) throws(Conflict) {
        guard let id, !identities.contains(where: { $0.id == id }) else { return }
        throw .missing
    }

    private func places(_ isMeant: (Session) -> Bool) -> [Int] {
        sessions.indices.filter { isMeant(sessions[$0].session) }
    }
}
