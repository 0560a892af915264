import HostDocuments
import Names
import SSHFormats

/// Lets a proposal through whose grant needs approvals: once, after enough people signed exactly this.
struct ApprovalGate: Sendable {
    let approvals: any Approvals
    let directory: any Directory
    let recorder: Recorder
    let origin: String
    let limits: ApprovalLimits

    /// A proposal that waits for people.
    struct Waiting: Sendable {
        let proposal: Proposal
        let approval: Approval
        let policy: UInt64
        let host: Name?
        let wish: IssuanceRequest
    }

    /// The request that everybody needed agreed to; the caller records its use together with the certificate.
    ///
    /// - Throws: `.refused(.approvalRequired)` with the number of the request, which is made if there is none.
    func passed(
        _ waiting: Waiting, by requester: Requester, at now: UnixTime
    ) async throws(AuthorityError) -> ApprovalFound {
        let document = ApprovalDocument(waiting, origin, requester)
        let wish = waiting.wish.approvalHash(of: requester)
        let query = ApprovalQuery(requester: requester.identity.id, wish: wish, isLive: true, limit: 4)
        let live: [ApprovalFound]
        do { live = try await approvals.approvals(query) } catch { throw .store(error) }
        var stale: UInt64?
        for found in live where found.request.state(at: now).isLive {
            guard document.text(ApprovalDocument.Asked(found.request)) == found.request.document else {
                stale = found.request.number
                try await end(found.request, requester, at: now)
                continue
            }
            let count = try await directory.standing(found).count
            guard UInt64(count) >= waiting.approval.count else {
                throw wait(for: found.request, given: count, waiting.approval)
            }
            return found
        }
        let asked = try await ask(waiting, document, wish, by: requester, at: now)
        throw wait(for: asked, given: 0, waiting.approval, insteadOf: stale)
    }

    private func ask(
        _ waiting: Waiting, _ document: ApprovalDocument, _ wish: [UInt8], by requester: Requester,
        at now: UnixTime
    ) async throws(AuthorityError) -> ApprovalRequest {
        for _ in 0..<8 {
            let last: UInt64
            do { last = try await approvals.lastApproval() } catch { throw .store(error) }
            let asked = ApprovalDocument.Asked(
                number: last + 1, source: requester.source, reason: waiting.wish.reason, at: now,
                notAfter: now.advanced(by: Int64(clamping: limits.lasting)))
            let request = ApprovalRequest(waiting, asked, wish, document.text(asked), by: requester)
            let event = Event(
                .approvalAsked, by: requester, on: String(request.number), at: now, details: request.details)
            do throws(StoreError) {
                _ = try await recorder.journal.record(
                    Entry([.approvalAsked(request, most: limits.mostOpen)], event: event))
                return request
            } catch {
                switch error {
                case .conflict(.exists): continue
                case .conflict(.tooMany):
                    throw .refused(
                        .requestsLimited,
                        "\(limits.mostOpen) requests of yours wait already; see reeve requests")
                default: throw .store(error)
                }
            }
        }
        throw .store(.busy)
    }

    /// What it rested on is no more; who asks again asks anew.
    private func end(
        _ request: ApprovalRequest, _ requester: Requester, at now: UnixTime
    ) async throws(AuthorityError) {
        var details = request.details
        details["reason"] = .text("what it rested on has changed")
        let event = Event(
            .approvalEnded, by: requester, on: String(request.number), at: now, details: details)
        do throws(StoreError) {
            _ = try await recorder.journal.record(
                Entry([.approvalEnded(request.number, at: now)], event: event))
        } catch {
            guard case .conflict = error else { throw .store(error) }
        }
    }

    private func wait(
        for request: ApprovalRequest, given: Int, _ approval: Approval, insteadOf stale: UInt64? = nil
    ) -> AuthorityError {
        let former =
            stale.map { "; what request \($0) rested on has changed, so this one takes its place" } ?? ""
        return .refused(
            Refused(
                .approvalRequired,
                "request \(request.number) has \(given) of \(approval.count) approvals by group:\(approval.by), "
                    + "and ends at \(request.notAfter.utcText)\(former)",
                request: request.number))
    }
}

extension IssuanceRequest {
    /// The same for the same question of the same device, whatever the reason given.
    fileprivate func approvalHash(of requester: Requester) -> [UInt8] {
        var writer = WireWriter(capacity: 512)
        for text in [
            requester.identity.id.description, requester.device?.id.description ?? "", to ?? "", login.text,
            scope?.rawValue ?? "", lifetime.map { String($0) } ?? "", grant?.text ?? "",
        ] { writer.string(text) }
        writer.string(publicKey.blob)
        return TokenHash.of(writer.bytes)
    }
}

extension ApprovalDocument {
    fileprivate init(_ waiting: ApprovalGate.Waiting, _ origin: String, _ requester: Requester) {
        self.init(
            origin: origin, proposal: waiting.proposal, requester: requester.identity.id,
            device: requester.device?.id, approval: waiting.approval, policy: waiting.policy,
            host: waiting.host, login: waiting.wish.login)
    }
}

extension ApprovalRequest {
    fileprivate init(
        _ waiting: ApprovalGate.Waiting, _ asked: ApprovalDocument.Asked, _ wish: [UInt8],
        _ document: String, by requester: Requester
    ) {
        self.init(
            number: asked.number, wish: wish, requester: requester.identity.id, device: requester.device?.id,
            subject: .certificate(
                grant: waiting.proposal.grant ?? waiting.approval.by, host: waiting.host,
                login: waiting.wish.login),
            approval: waiting.approval, policy: waiting.policy, source: asked.source, reason: asked.reason,
            document: document, askedAt: asked.at, notAfter: asked.notAfter)
    }
}

extension ApprovalVote {
    /// Whether the signature is over this request and what this vote says of it.
    func isVerified(_ signature: SSHSIG, over document: String, number: String?) -> Bool {
        let statement = ApprovalStatement(
            request: document, decision: isApproval ? .approved : .denied, person: person.description,
            reason: reason, number: number)
        do throws(SSHSIGError) {
            try signature.verify(Array(statement.text.utf8), namespace: ApprovalStatement.namespace)
            return true
        } catch {
            return false
        }
    }
}

extension Directory {
    /// Those who agreed and still count: each still active, with a key that still is, over these very bytes; never the
    /// requester.
    func standing(_ found: ApprovalFound) async throws(AuthorityError) -> Set<IdentityID> {
        var persons: Set<IdentityID> = []
        for vote in found.votes where vote.isApproval && vote.person != found.request.requester {
            do {
                let key = try await key(vote.key)
                guard let key, key.state == .active, try await identity(vote.person)?.status == .active,
                    let signature = try? SSHSIG(armoured: vote.signature),
                    signature.signer == .key(key.publicKey),
                    vote.isVerified(
                        signature, over: found.request.document, number: found.request.numberShown)
                else { continue }
            } catch {
                throw .store(error)
            }
            persons.insert(vote.person)
        }
        return persons
    }
}
