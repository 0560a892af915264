import Names
import SSHFormats
import Synchronization

/// The policy in force: read, tried, replaced.
package struct PolicyDesk: Sendable {
    let policies: any Policies
    let directory: any Directory
    let recorder: Recorder
    let cache: PolicyCache
    let turns: Turns
    let approvals: ApprovalGate

    /// The parsed policy that counts now.
    package func current() async throws(AuthorityError) -> (version: PolicyVersion, policy: Policy) {
        try await PolicyInForce(policies: policies, cache: cache, world: recorder.world).current()
    }

    /// The policy in force, for whoever holds a role on the authority: it says who has what.
    package func show(
        to requester: Requester
    ) async throws(AuthorityError) -> (version: PolicyVersion, policy: Policy) {
        let (version, policy) = try await current()
        try await readWithAnyRole(requester, on: "policy", policy: policy)
        return (version, policy)
    }

    /// Checks a text as ``apply(_:base:by:once:)`` would; keeps nothing.
    package func tryOut(
        _ text: String, base: UInt64?, by requester: Requester
    ) async throws(AuthorityError) -> Policy {
        let (present, policy) = try await current()
        try await readWithAnyRole(requester, on: "policy", policy: policy)
        guard base.map({ $0 == present.version }) ?? true else { throw .refused(.policyMoved) }
        let next = try await check(text)
        try await keepsAnAdmin(next)
        return next
    }

    /// Checks a text and runs its tests against the directory.
    ///
    /// - Throws: `.refused(.policyInvalid)` naming all faults, `.refused(.policyTestsFailed)` naming all failures.
    package func check(_ text: String) async throws(AuthorityError) -> Policy {
        let policy: Policy
        do { policy = try Policy(yaml: text) } catch { throw .refused(.policyInvalid, "\(error)") }
        let facts = try await facts()
        let logins = Dictionary(facts.persons.map { ($0.id, $0.attributes.login) }) { first, _ in first }
        let failures = policy.runTests(hosts: facts.hosts, at: recorder.world.now()) { logins[$0] ?? nil }
        guard failures.isEmpty else {
            throw .refused(.policyTestsFailed, failures.map(\.description).joined(separator: "; "))
        }
        return policy
    }

    /// Applies a text that passes its own tests and leaves somebody who can undo it.
    ///
    /// - Parameters:
    ///   - base: The version it was made from; nil takes whatever is there.
    ///   - reason: Why, for the history.
    package func apply(
        _ text: String, base: UInt64?, reason: String? = nil, by requester: Requester,
        once: Once<PolicyVersion>
    ) async throws(AuthorityError) -> Outcome<PolicyVersion> {
        try await turns.take { (unmoved) async throws(AuthorityError) in
            try await applyAlone(text, base: base, reason, unmoved, by: requester, once: once)
        }
    }

    private func applyAlone(
        _ text: String, base: UInt64?, _ reason: String?, _ unmoved: Fact, by requester: Requester,
        once: Once<PolicyVersion>
    ) async throws(AuthorityError) -> Outcome<PolicyVersion> {
        let (present, policy) = try await current()
        let now = recorder.world.now()
        try await authorize(.admin, requester, .policyApplied, policy: policy)
        guard base.map({ $0 == present.version }) ?? true else { throw .refused(.policyMoved) }
        let next: Policy
        do {
            next = try await check(text)
            try await keepsAnAdmin(next)
        } catch {
            throw await denied(error, requester, now)
        }
        let version = PolicyVersion(
            version: present.version + 1, text: text, appliedBy: requester.identity.id, appliedAt: now,
            reason: reason)
        var details: [String: EventValue] = ["sha256": .text(Hexadecimal.text(TokenHash.of(text)))]
        if let reason { details["reason"] = .text(reason) }
        let event = Event(
            .policyApplied, by: requester, on: String(version.version), at: now, details: details)
        let outcome = try await recorder.record(
            [unmoved, .policyApplied(version)], event, version, once: once)
        cache.hold(version, next)
        return outcome
    }

    /// Refuses what the requester's grants on the authority do not cover, and records that.
    func authorize(
        _ role: AuthorityRole, _ requester: Requester, _ action: EventAction, on subject: String? = nil,
        policy: Policy
    ) async throws(AuthorityError) {
        let now = recorder.world.now()
        let decision: AuthorityDecision
        do { decision = try await decide(role, requester, policy, at: now) } catch {
            guard case .refused(let refused) = error else { throw error }
            throw await recorder.deny(refused, Event(action, by: requester, on: subject, at: now))
        }
        switch decision {
        case .allowed: return
        case .refused(let refusal, let nearest, let missing):
            let due =
                refusal.isAboutFactors
                ? policy.factorsDue(nearest, role, for: Subject(requester), at: now) : []
            throw await recorder.deny(
                Refused(refusal, missing.joined(separator: "; "), factors: due),
                Event(action, by: requester, on: subject, at: now))
        }
    }

    /// The same, where the policy itself is not needed.
    func authorize(
        _ role: AuthorityRole, _ requester: Requester, _ action: EventAction, on subject: String? = nil
    ) async throws(AuthorityError) {
        try await authorize(role, requester, action, on: subject, policy: try await current().policy)
    }

    private func keepsAnAdmin(_ next: Policy) async throws(AuthorityError) {
        let active = try await facts().persons.filter { $0.status == .active }.map(\.id)
        guard !next.admins(among: active).isEmpty else {
            throw .refused(.lastAdmin, "no active person would be admin under this policy")
        }
    }

    private func denied(
        _ error: AuthorityError, _ requester: Requester, _ now: UnixTime
    ) async -> AuthorityError {
        guard case .refused(let refused) = error else { return error }
        return await recorder.deny(refused, Event(.policyRefused, by: requester, at: now))
    }

    /// Everybody and every host, for tests and explanations.
    func facts() async throws(AuthorityError) -> DirectoryFacts {
        DirectoryFacts(persons: try await all(.person), hosts: try await all(.host).compactMap(Host.init))
    }

    func all(_ kind: IdentityKind) async throws(AuthorityError) -> [Identity] {
        var found: [Identity] = []
        do {
            while true {
                let page = try await directory.identities(kind, after: found.last?.id.name, limit: 500)
                found += page
                guard page.count == 500 else { return found }
            }
        } catch {
            throw .store(error)
        }
    }
}

/// Holds the parsed policy of one version.
package final class PolicyCache: Sendable {
    private let held = Mutex<(version: PolicyVersion, policy: Policy)?>(nil)

    package init() {}

    func held(_ wanted: UInt64) -> (version: PolicyVersion, policy: Policy)? {
        held.withLock { $0?.version.version == wanted ? $0 : nil }
    }

    func hold(_ version: PolicyVersion, _ policy: Policy) {
        held.withLock { held in
            guard version.version >= held?.version.version ?? 0 else { return }
            held = (version, policy)
        }
    }
}
