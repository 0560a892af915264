import Names
import SSHFormats
import Synchronization

/// Holds back what the rules of governance say shall not simply go on: `verify` asks for a second factor of the last 15
/// minutes, `lock` refuses.
///
/// An admin is never locked out by a rule, or nobody could undo it: for them `lock` asks like `verify`. A host or service has
/// no factors to show: for them `verify` warns.
struct GovernanceGate: Sendable {
    let desk: GovernanceDesk
    let cache: GovernanceCache

    /// Before a certificate for this key.
    func check(
        _ requester: Requester, _ keys: [PublicKey], at now: UnixTime
    ) async throws(AuthorityError) {
        let (version, policy) = try await desk.policies.current()
        guard policy.governance.values.contains(where: { $0.measure > .warn }) else { return }
        let fingerprints = Set(keys.map(\.fingerprint) + [requester.session?.boundTo].compactMap(\.self))
        let about = [requester.identity.id, requester.device?.id].compactMap(\.self)
        let findings = try await findings(version, policy, at: now).filter { finding in
            finding.key.map(fingerprints.contains) ?? finding.identity.map(about.contains) ?? false
        }
        let isAdmin = policy.authorityRoles(of: Subject(requester)).contains(.admin)
        if let locked = findings.first(where: { $0.measure == .lock }), !isAdmin {
            throw .refused(.governanceLocked, locked.sentence)
        }
        guard let asked = findings.first(where: { $0.measure >= .verify }), requester.session != nil else {
            return
        }
        let subject = Subject(requester)
        let ages = Factor.allCases.filter(\.isSecond).compactMap { subject.age(of: $0, at: now) }
        guard !ages.contains(where: { $0 < AuthorityRole.adminFreshness }) else { return }
        throw .refused(
            Refused(
                ages.isEmpty ? .factorRequired : .factorTooOld,
                "\(asked.sentence): this asks for a second factor younger than 15m", factors: [.totp]))
    }

    /// Before a session of this person, who has shown their factors.
    ///
    /// - Parameter cured: Rules that what comes of it satisfies.
    func admit(
        _ person: Identity, device: IdentityID?, key: PublicKey, except cured: Set<GovernanceRule> = [],
        at now: UnixTime
    ) async throws(AuthorityError) {
        let (version, policy) = try await desk.policies.current()
        guard policy.governance.values.contains(where: { $0.measure == .lock }),
            !policy.authorityRoles(of: Subject(identity: person)).contains(.admin)
        else { return }
        // Who lacks a second factor must be let in to set one up; such a session can do nothing else.
        let locked = try await findings(version, policy, at: now).first { finding in
            guard finding.measure == .lock, finding.rule != .noSecondFactor, !cured.contains(finding.rule)
            else { return false }
            return finding.key.map { $0 == key.fingerprint }
                ?? finding.identity.map { $0 == person.id || $0 == device } ?? false
        }
        if let locked { throw .refused(.governanceLocked, locked.sentence) }
    }

    private func findings(
        _ version: PolicyVersion, _ policy: Policy, at now: UnixTime
    ) async throws(AuthorityError) -> [GovernanceFinding] {
        if let held = cache.held(version.version, at: now) { return held }
        let found = try await desk.findings(policy).filter { $0.measure > .warn }
        cache.hold(found, version.version, at: now)
        return found
    }
}

/// What was found last; for half a minute, since it takes a look at everybody.
package final class GovernanceCache: Sendable {
    private static let lasting: UInt64 = 30
    private let state = Mutex<(version: UInt64, at: UnixTime, findings: [GovernanceFinding])?>(nil)

    package init() {}

    func held(_ version: UInt64, at now: UnixTime) -> [GovernanceFinding]? {
        state.withLock { held in
            guard let held, held.version == version, held.at <= now,
                now < held.at.advanced(by: Int64(Self.lasting))
            else { return nil }
            return held.findings
        }
    }

    func hold(_ findings: [GovernanceFinding], _ version: UInt64, at now: UnixTime) {
        state.withLock { $0 = (version, now, findings) }
    }
}
