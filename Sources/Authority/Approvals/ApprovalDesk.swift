import Names
import SSHFormats

/// A request as somebody may see it.
package struct ApprovalShown: Sendable {
    package let found: ApprovalFound
    package let state: ApprovalState
    /// Whether whoever asks may say yes or no now.
    package let waitsForYou: Bool
}

/// Shows requests that need approvals, and takes what people say of them.
package struct ApprovalDesk: Sendable {
    package static let longestPage = 200

    let approvals: any Approvals
    let directory: any Directory
    let policies: PolicyDesk
    let recorder: Recorder

    /// Which requests are asked for.
    package enum Whose: Hashable, Sendable {
        /// One's own, and those that wait for one.
        case own
        case everybody
    }

    /// The newest first: live ones, or with those that are over.
    package func list(
        _ whose: Whose, withEnded: Bool, before: UInt64?, limit: Int, by requester: Requester
    ) async throws(AuthorityError) -> [ApprovalShown] {
        let (version, policy) = try await policies.current()
        let now = recorder.world.now()
        if whose == .everybody {
            try await policies.read(.auditor, requester, on: "requests", policy: policy)
        }
        let limit = min(max(limit, 1), ApprovalDesk.longestPage)
        var shown: [ApprovalShown] = []
        var query = ApprovalQuery(isLive: !withEnded, before: before, limit: ApprovalDesk.longestPage)
        for _ in 0..<5 where shown.count < limit {
            let page: [ApprovalFound]
            do { page = try await approvals.approvals(query) } catch { throw .store(error) }
            shown += page.compactMap { found in
                guard whose == .everybody || concerns(found.request, requester, policy) else { return nil }
                let one = self.shown(found, requester, policy, version, at: now)
                return one.state.isLive || withEnded ? one : nil
            }
            guard page.count == query.limit, let last = page.last else { break }
            query.before = last.request.number
        }
        return Array(shown.prefix(limit))
    }

    /// One request.
    ///
    /// - Throws: `.refused(.notFound)` to strangers, whether there is such a request or not.
    package func show(
        _ number: UInt64, by requester: Requester
    ) async throws(AuthorityError) -> ApprovalShown {
        let (version, policy) = try await policies.current()
        let found: ApprovalFound?
        do { found = try await approvals.approval(number) } catch { throw .store(error) }
        if found.map({ !concerns($0.request, requester, policy) }) ?? true {
            try await policies.readOne(.auditor, requester, on: "request \(number)", exists: found != nil)
        }
        guard let found else { throw .refused(.notFound, "request \(number)") }
        return shown(found, requester, policy, version, at: recorder.world.now())
    }

    private func shown(
        _ found: ApprovalFound, _ requester: Requester, _ policy: Policy, _ version: PolicyVersion,
        at now: UnixTime
    ) -> ApprovalShown {
        let request = found.request
        let state = request.state(at: now)
        let mayVote =
            state.isLive && request.policy == version.version && isApprover(of: request, requester, policy)
            && !found.votes.contains { $0.person == requester.identity.id }
        return ApprovalShown(found: found, state: state, waitsForYou: mayVote)
    }

    private func concerns(_ request: ApprovalRequest, _ requester: Requester, _ policy: Policy) -> Bool {
        request.requester == requester.identity.id || isApprover(of: request, requester, policy)
    }

    /// Whether the policy in force lets this person speak for the group: never on what is theirs.
    func isApprover(of request: ApprovalRequest, _ requester: Requester, _ policy: Policy) -> Bool {
        let subject = Subject(requester)
        return subject.isActive && requester.identity.id.kind == .person
            && request.requester != requester.identity.id
            && policy.includes([.group(request.approval.by)], subject)
    }

    /// Writes down that requests have ended that nobody used in time.
    ///
    /// - Returns: How many.
    @discardableResult
    package func sweep() async throws(AuthorityError) -> Int {
        let now = recorder.world.now()
        let query = ApprovalQuery(isLive: true, endedBy: now, limit: ApprovalDesk.longestPage)
        let over: [ApprovalFound]
        do { over = try await approvals.approvals(query) } catch { throw .store(error) }
        for found in over {
            let event = Event(
                time: now, action: .approvalEnded, actor: nil, subject: String(found.request.number),
                requestID: "", source: "", details: found.request.details)
            do throws(StoreError) {
                _ = try await recorder.journal.record(
                    Entry([.approvalEnded(found.request.number, at: now)], event: event))
            } catch {
                // Another node was first.
                guard case .conflict = error else { throw .store(error) }
            }
        }
        return over.count
    }
}
