import SSHFormats

/// Things named by an id: whoever has no role there learns no more than of one that does not exist.
extension PolicyDesk {
    /// Lets somebody with this role look at one thing of others, and records it.
    func readOne(
        _ role: AuthorityRole, _ requester: Requester, on subject: String, exists: Bool
    ) async throws(AuthorityError) {
        let now = recorder.world.now()
        let event = Event(.read, by: requester, on: subject, at: now)
        let (_, policy) = try await current()
        try await authorizeOne(role, requester, event, policy: policy)
        guard exists else { throw await recorder.deny(Refused(.notFound, subject), event) }
        try await read(role, requester, on: subject, policy: policy)
    }

    /// Refuses what the requester's grants do not cover, and records that.
    func authorizeOne(
        _ role: AuthorityRole, _ requester: Requester, _ event: Event, policy: Policy
    ) async throws(AuthorityError) {
        let decision: AuthorityDecision
        do { decision = try await decide(role, requester, policy, at: event.time) } catch {
            guard case .refused(let refused) = error else { throw error }
            throw await recorder.deny(refused, event)
        }
        guard case .refused(let refusal, let nearest, let missing) = decision else { return }
        let due =
            refusal.isAboutFactors
            ? policy.factorsDue(nearest, role, for: Subject(requester), at: event.time) : []
        let isStranger = policy.authorityRoles(of: Subject(requester)).isEmpty
        throw await recorder.deny(
            isStranger
                ? Refused(.notFound, event.subject ?? "")
                : Refused(refusal, missing.joined(separator: "; "), factors: due),
            event)
    }

    func authorizeOne(
        _ role: AuthorityRole, _ requester: Requester, _ event: Event
    ) async throws(AuthorityError) {
        try await authorizeOne(
            role, requester, event, policy: try await current().policy)
    }
}

extension PolicyDesk {
    /// Refuses whoever showed no second factor within the last 15 minutes, and records that.
    ///
    /// - Parameters:
    ///   - others: What does not count, though it is one; a recovery code never should.
    ///   - another: Counts as well, though it is no second factor.
    func requireFresh(
        _ requester: Requester, _ event: Event, except others: Set<Factor> = [.recovery],
        or another: Factor? = nil
    ) async throws(AuthorityError) {
        let subject = Subject(requester)
        let counting = Factor.allCases.filter { ($0.isSecond || $0 == another) && !others.contains($0) }
        let ages = counting.compactMap { subject.age(of: $0, at: event.time) }
        guard !ages.contains(where: { $0 < AuthorityRole.adminFreshness }) else { return }
        throw await recorder.deny(
            Refused(
                ages.isEmpty ? .factorRequired : .factorTooOld,
                another == nil
                    ? "this asks for a second factor younger than 15m"
                    : "this asks for a factor younger than 15m",
                factors: [another ?? .totp]), event)
    }
}
