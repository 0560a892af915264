import HostDocuments
import Names
import SSHFormats

/// Lets through what a grant needs approvals for, a certificate or an act on the authority: once, after enough people signed
/// exactly this.
struct ApprovalGate: Sendable {
    let approvals: any Approvals
    let directory: any Directory
    let recorder: Recorder
    let origin: String
    let limits: ApprovalLimits

    /// What waits for people.
    struct Waiting: Sendable {
        let subject: ApprovalSubject
        let approval: Approval
        /// The version that says so.
        let policy: UInt64
        let rules: Policy
        /// The same for the same question of the same device.
        let wish: [UInt8]
        let reason: String?
        /// All that is signed, made of what is true now.
        let document: @Sendable (ApprovalDocument.Asked) -> String
    }

    /// The request that everybody needed agreed to; the caller records its use together with the certificate.
    ///
    /// - Throws: `.refused(.approvalRequired)` with the number of the request, which is made if there is none.
    func passed(
        _ waiting: Waiting, by requester: Requester, at now: UnixTime
    ) async throws(AuthorityError) -> ApprovalFound {
        let query = ApprovalQuery(
            requester: requester.identity.id, wish: waiting.wish, isLive: true, limit: 4)
        let live: [ApprovalFound]
        do { live = try await approvals.approvals(query) } catch { throw .store(error) }
        var stale: UInt64?
        for found in live where found.request.state(at: now).isLive {
            guard waiting.document(ApprovalDocument.Asked(found.request)) == found.request.document else {
                stale = found.request.number
                try await end(found.request, requester, at: now)
                continue
            }
            let count = try await directory.standing(found, waiting.rules).count
            guard UInt64(count) >= waiting.approval.count else {
                throw wait(for: found.request, given: count, waiting.approval)
            }
            return found
        }
        let asked = try await ask(waiting, by: requester, at: now)
        throw wait(for: asked, given: 0, waiting.approval, insteadOf: stale)
    }

    private func ask(
        _ waiting: Waiting, by requester: Requester, at now: UnixTime
    ) async throws(AuthorityError) -> ApprovalRequest {
        for _ in 0..<8 {
            let last: UInt64
            do { last = try await approvals.lastApproval() } catch { throw .store(error) }
            let asked = ApprovalDocument.Asked(
                number: last + 1, source: requester.source, reason: waiting.reason, at: now,
                notAfter: now.advanced(by: Int64(clamping: limits.lasting)))
            let request = ApprovalRequest(waiting, asked, by: requester)
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

extension ApprovalRequest {
    fileprivate init(
        _ waiting: ApprovalGate.Waiting, _ asked: ApprovalDocument.Asked, by requester: Requester
    ) {
        self.init(
            number: asked.number, wish: waiting.wish, requester: requester.identity.id,
            device: requester.device?.id, subject: waiting.subject, approval: waiting.approval,
            policy: waiting.policy, source: asked.source, reason: asked.reason,
            document: waiting.document(asked), askedAt: asked.at, notAfter: asked.notAfter)
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
    /// Those who agreed and still count: each still active and in the group, with a key that still is, over these very
    /// bytes; never the requester.
    func standing(_ found: ApprovalFound, _ policy: Policy) async throws(AuthorityError) -> Set<IdentityID> {
        var persons: Set<IdentityID> = []
        for vote in found.votes where vote.isApproval && vote.person != found.request.requester {
            do {
                let key = try await key(vote.key)
                guard let key, key.state == .active, let person = try await identity(vote.person),
                    person.status == .active,
                    policy.includes([.group(found.request.approval.by)], Subject(identity: person)),
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
