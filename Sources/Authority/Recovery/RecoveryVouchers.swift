import Names
import SSHFormats

/// Asks those who may vouch for a person, and says what they answered.
struct RecoveryVouchers {
    let pending: any PendingSignIns
    let approvals: any Approvals
    let directory: any Directory
    let policies: PolicyDesk
    let recorder: Recorder
    let origin: String
    let limits: ApprovalLimits

    enum Word {
        case open, denied, used
        /// The policy was changed since, so that nobody can agree any more: true of those who do not exist, too.
        case outdated
        /// The facts take it for good.
        case given([Fact], by: [IdentityID])
    }

    /// Asks, and writes down that somebody asked: for nobody as much as for somebody.
    func ask(
        _ vouching: Vouching, _ shown: String, _ reason: String?, _ about: ConversationFacts
    ) async throws(AuthorityError) -> RecoveryMemory.Waiting {
        switch vouching {
        case .device: try await askDevice(shown, about)
        case .colleagues: try await askColleagues(shown, reason, about)
        }
    }

    func answer(
        _ vouching: Vouching, _ waiting: RecoveryMemory.Waiting, _ about: ConversationFacts
    ) async throws(AuthorityError) -> Word {
        switch vouching {
        case .device: try await deviceAnswer(waiting, about)
        case .colleagues: try await colleaguesAnswer(waiting, about)
        }
    }

    private func askDevice(
        _ shown: String, _ about: ConversationFacts
    ) async throws(AuthorityError) -> RecoveryMemory.Waiting {
        let now = recorder.world.now()
        let (version, _) = try await policies.current()
        let waiting = RecoveryMemory.Waiting(
            id: Hexadecimal.text(recorder.world.random(16)), shown: shown,
            notAfter: now.advanced(by: Int64(PendingSignIn.Purpose.recovery.longest)), policy: version.version
        )
        let facts = about.person.map { person -> [Fact] in
            [
                .signInPending(
                    PendingSignIn(
                        id: waiting.id, identity: person.id, purpose: .recovery, number: shown,
                        key: about.key, source: about.source, askedAt: now)),
                notice(person, about, now),
            ]
        }
        _ = try await record(facts, event(.device, about, now), until: waiting.notAfter)
        return waiting
    }

    private func askColleagues(
        _ shown: String, _ reason: String?, _ about: ConversationFacts
    ) async throws(AuthorityError) -> RecoveryMemory.Waiting {
        let now = recorder.world.now()
        let (version, policy) = try await policies.current()
        guard let approval = policy.recovery.colleagues else { throw .refused(.recoveryNotGranted) }
        let notAfter = now.advanced(by: Int64(clamping: limits.lasting))
        let document = RecoveryDocument(
            origin: origin, person: about.person?.id.description ?? about.name, key: about.key,
            approval: approval, policy: version.version)
        for _ in 0..<8 {
            let last: UInt64
            do { last = try await approvals.lastApproval() } catch { throw .store(error) }
            let text = document.text(
                number: last + 1, source: about.source, reason: reason, at: now, notAfter: notAfter)
            let facts = about.person.map { person -> [Fact] in
                let request = ApprovalRequest(
                    number: last + 1, wish: TokenHash.of(about.id), requester: person.id, device: nil,
                    subject: .recovery(number: shown), approval: approval, policy: version.version,
                    source: about.source, reason: reason, document: text, askedAt: now, notAfter: notAfter)
                return [
                    .approvalAsked(request, most: limits.mostRecoveries), notice(person, about, now),
                ]
            }
            let isKept = try await record(facts, event(.colleagues, about, now), until: notAfter)
            // What is one too many waits like all others, and nobody is asked.
            guard let isKept else { continue }
            return RecoveryMemory.Waiting(
                id: String(isKept && facts != nil ? last + 1 : 0), shown: shown, notAfter: notAfter,
                policy: version.version)
        }
        throw .store(.busy)
    }

    /// - Returns: false where too many wait already, nil where somebody else took the number.
    private func record(
        _ facts: [Fact]?, _ event: Event, until end: UnixTime
    ) async throws(AuthorityError) -> Bool? {
        let claim =
            facts == nil
            ? IdempotencyClaim(scopeHash: recorder.world.random(32), bodyHash: [], notAfter: end) : nil
        do throws(StoreError) {
            _ = try await recorder.journal.record(Entry(facts ?? [], event: event, claim: claim))
            return true
        } catch {
            switch error {
            case .conflict(.exists): return nil
            case .conflict(.tooMany):
                let refused = event.refused(Refused(.requestsLimited))
                do { _ = try await recorder.journal.record(Entry([], event: refused)) } catch {
                    throw .store(error)
                }
                return false
            default: throw .store(error)
            }
        }
    }

    private func notice(_ person: Identity, _ about: ConversationFacts, _ now: UnixTime) -> Fact {
        .noticed(person.id, Notice(.recoveryAsked, at: now, source: about.source))
    }

    private func event(_ vouching: Vouching, _ about: ConversationFacts, _ now: UnixTime) -> Event {
        Event(
            time: now, action: .recoveryAsked, actor: nil, subject: about.name, requestID: "",
            source: about.source,
            details: ["by": .text(vouching.rawValue), "key": .text(about.key.description)])
    }

    /// The policy is looked at again.
    private func deviceAnswer(
        _ waiting: RecoveryMemory.Waiting, _ about: ConversationFacts
    ) async throws(AuthorityError) -> Word {
        let (_, policy) = try await policies.current()
        let found: PendingSignIn?
        do { found = try await pending.pendingSignIn(id: waiting.id) } catch { throw .store(error) }
        guard policy.recovery.byDevice, let found, let person = about.person, found.identity == person.id,
            found.key == about.key,
            found.purpose == .recovery
        else { return .open }
        switch found.decision {
        case nil: return .open
        case .denied: return .denied
        case .used: return .used
        case .approved: return .given([.signInDecided(id: found.id, .used)], by: [])
        }
    }

    /// Everything is looked at again: the policy, the signatures, who made them.
    private func colleaguesAnswer(
        _ waiting: RecoveryMemory.Waiting, _ about: ConversationFacts
    ) async throws(AuthorityError) -> Word {
        let now = recorder.world.now()
        let (version, policy) = try await policies.current()
        guard waiting.policy == version.version else { return .outdated }
        let found: ApprovalFound?
        do { found = try await approvals.approval(UInt64(waiting.id) ?? 0) } catch { throw .store(error) }
        guard let found, let person = about.person, found.request.requester == person.id,
            found.request.wish == TokenHash.of(about.id), found.request.subject.kind == .recovery
        else { return .open }
        switch found.request.state(at: now) {
        case .denied, .expired: return .denied
        case .used: return .used
        case .open, .approved: break
        }
        let approvers = try await directory.standing(found, policy)
        guard let rule = policy.recovery.colleagues, rule == found.request.approval,
            version.version == found.request.policy, UInt64(approvers.count) >= rule.count
        else { return .open }
        return .given([.approvalUsed(found.request.number, at: now)], by: Array(approvers))
    }
}
