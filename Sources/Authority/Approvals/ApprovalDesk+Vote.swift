package import HostDocuments
import Names
package import SSHFormats

/// What somebody says of a request.
package struct ApprovalSaid: Sendable {
    package let number: UInt64
    package let decision: ApprovalStatement.Decision
    package let reason: String?
    /// The number that the requester's terminal shows, as the approver was told it; for recoveries.
    package let shown: String?
    package let signature: SSHSIG

    package init(
        number: UInt64, decision: ApprovalStatement.Decision, reason: String?, shown: String? = nil,
        signature: SSHSIG
    ) {
        self.number = number
        self.decision = decision
        self.reason = reason
        self.shown = shown
        self.signature = signature
    }
}

extension ApprovalDesk {
    /// Takes the word of one person, signed by a key of theirs. A recovery with another number than its own ends: whoever
    /// agreed meant somebody else's.
    ///
    /// - Throws: `.refused`: `.notFound` to strangers, `.approverRequired` to the requester and to others who may see it,
    ///   `.alreadyExists` for a second vote, `.requestClosed` where nothing waits any more, `.signatureInvalid`.
    package func decide(
        _ said: ApprovalSaid, by requester: Requester, once: Once<ApprovalShown>
    ) async throws(AuthorityError) -> Outcome<ApprovalShown> {
        let now = recorder.world.now()
        let action: EventAction = said.decision == .approved ? .approvalGiven : .approvalDenied
        let shown = try await show(said.number, by: requester)
        let request = shown.found.request
        let event = Event(
            action, by: requester, on: String(said.number), at: now, details: details(said, of: request))
        let vote = ApprovalVote(
            person: requester.identity.id, isApproval: said.decision == .approved, reason: said.reason,
            key: said.signature.signer.publicKey.fingerprint, signature: said.signature.armoured, at: now)
        do throws(AuthorityError) {
            try await check(said, shown, requester)
            try await checkKey(of: said.signature, requester)
            if vote.isApproval { try await mayVouch(said, request, requester) }
            guard vote.isVerified(said.signature, over: request.document, number: said.shown) else {
                throw AuthorityError.refused(.signatureInvalid, "it is not over this request and decision")
            }
        } catch {
            guard case .refused(let refused) = error else { throw error }
            throw await recorder.deny(refused, event)
        }
        if vote.isApproval { try await compare(said, request, event, requester) }
        var facts: [Fact] = [.approvalVoted(said.number, vote)]
        if request.requester != requester.identity.id {
            let kind: Notice.Kind =
                vote.isApproval
                ? .requestApproved : request.subject.kind == .recovery ? .recoveryDenied : .requestDenied
            facts.append(.noticed(request.requester, Notice(kind, at: now, source: requester.source)))
        }
        let after = ApprovalFound(
            request: decided(request, vote, shown.found), votes: shown.found.votes + [vote])
        return try await recorder.record(
            facts, event, ApprovalShown(found: after, state: after.request.state, waitsForYou: false),
            once: once)
    }

    private func check(
        _ said: ApprovalSaid, _ shown: ApprovalShown, _ requester: Requester
    ) async throws(AuthorityError) {
        let (version, policy) = try await policies.current()
        let request = shown.found.request
        let isOwn = request.requester == requester.identity.id
        guard isApprover(of: request, requester, policy) || isOwn && said.decision == .denied else {
            throw .refused(
                .approverRequired,
                isOwn ? "nobody approves what they asked for" : "you are not in group:\(request.approval.by)")
        }
        try await notOwnerOfRequester(request, requester)
        guard shown.state.isLive else {
            throw .refused(.requestClosed, "request \(request.number) is \(shown.state.rawValue)")
        }
        guard request.policy == version.version || said.decision == .denied else {
            throw .refused(
                .requestClosed,
                "the policy was changed since request \(request.number) was asked: it must be asked anew")
        }
        guard
            !shown.found.votes.contains(where: { $0.person == requester.identity.id })
                || said.decision == .denied
        else { throw .refused(.alreadyExists, "you decided on request \(request.number) already") }
    }

    /// Who vouches for somebody has their rights on the authority too, and was told the number.
    private func mayVouch(
        _ said: ApprovalSaid, _ request: ApprovalRequest, _ requester: Requester
    ) async throws(AuthorityError) {
        guard request.subject.kind == .recovery else {
            guard said.shown == nil else { throw .refused(.badRequest, "shown: this request has no number") }
            return
        }
        let (_, policy) = try await policies.current()
        if let refused = try await directory.whyAbove(requester, request.requester, policy) {
            throw .refused(.approverRequired, refused.detail)
        }
        guard said.shown != nil else {
            throw .refused(.badRequest, "shown: the number that the terminal of \(request.requester) shows")
        }
    }

    /// A recovery asks for a second factor of the last 15 minutes, and for its number.
    private func compare(
        _ said: ApprovalSaid, _ request: ApprovalRequest, _ event: Event, _ requester: Requester
    ) async throws(AuthorityError) {
        guard let number = request.numberShown else { return }
        try await policies.requireFresh(requester, event, except: [.recovery])
        guard !constantTimeEquals(Array((said.shown ?? "").utf8), Array(number.utf8)) else { return }
        let now = recorder.world.now()
        throw await recorder.deny(
            Refused(
                .signInFailed,
                "shown: not the number of request \(request.number), which has ended: it was somebody else's"),
            event,
            keeping: [
                .approvalEnded(request.number, at: now),
                .noticed(request.requester, Notice(.recoveryDenied, at: now, source: requester.source)),
            ])
    }

    /// What asks in the name of somebody is not approved by them.
    private func notOwnerOfRequester(
        _ request: ApprovalRequest, _ requester: Requester
    ) async throws(AuthorityError) {
        guard request.requester.kind != .person else { return }
        let asking: Identity?
        do { asking = try await directory.identity(request.requester) } catch { throw .store(error) }
        guard let asking, asking.owner != requester.identity.id else {
            throw .refused(.approverRequired, "you answer for \(request.requester)")
        }
    }

    /// The key of a device of this very person, or one of their own, which is in use.
    private func checkKey(
        of signature: SSHSIG, _ requester: Requester
    ) async throws(AuthorityError) {
        guard case .key(let key) = signature.signer else {
            throw .refused(.signatureInvalid, "sign with the key itself, not with a certificate")
        }
        do throws(StoreError) {
            let registered = try await directory.key(key.fingerprint)
            guard let registered, registered.state == .active, registered.publicKey == key,
                let holder = try await directory.identity(registered.identity), holder.status == .active,
                holder.id == requester.identity.id
                    || holder.id.kind == .device && holder.owner == requester.identity.id
            else { throw StoreError.conflict(.missing) }
        } catch {
            guard case .conflict = error else { throw .store(error) }
            throw .refused(.signatureInvalid, "\(key.fingerprint) is no key of yours that is in use")
        }
    }

    private func decided(
        _ request: ApprovalRequest, _ vote: ApprovalVote, _ found: ApprovalFound
    ) -> ApprovalRequest {
        var request = request
        let given = UInt64(found.approvers.count) + (vote.isApproval ? 1 : 0)
        request.state = !vote.isApproval ? .denied : given >= request.approval.count ? .approved : .open
        return request
    }

    private func details(_ said: ApprovalSaid, of request: ApprovalRequest) -> [String: EventValue] {
        var details = request.details
        details["key"] = .text(said.signature.signer.publicKey.fingerprint.description)
        details["signature"] = .text(Hexadecimal.text(TokenHash.of(said.signature.blob)))
        if let reason = said.reason { details["because"] = .text(reason) }
        return details
    }
}
