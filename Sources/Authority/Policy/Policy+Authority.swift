package import Names
package import SSHFormats

extension Policy {
    /// Whether the subject may now do something that takes this role.
    ///
    /// - Returns: refused with `adminRequired` if no grant gives the role, with `deviceRequired`,
    ///   `factorRequired`, `factorTooOld` or `approvalRequired` if one does but asks for more. Acts of an admin need a factor
    ///   younger than 15 min.
    package func mayAct(_ act: AuthorityRole, subject: Subject, at now: UnixTime) -> AuthorityDecision {
        guard subject.isActive else { return .refused(.identitySuspended, nearest: nil, missing: []) }
        guard subject.isGrantable else { return Self.withoutRole(act, subject) }
        var nearest: (grant: Grant, shortfall: Shortfall)?
        for grant in roleGrants(of: subject, covering: act) {
            let shortfall = Self.shortfall(of: grant, act, subject, at: now)
            if shortfall.isEmpty { return .allowed(grant: grant.name) }
            if let best = nearest, best.shortfall.rawValue <= shortfall.rawValue { continue }
            nearest = (grant, shortfall)
        }
        guard let (grant, shortfall) = nearest else { return Self.withoutRole(act, subject) }
        return Self.refusal(grant, shortfall, act, subject, at: now)
    }

    /// All roles that grants give the subject, with those that `admin` implies. Devices, factors and
    /// approvals are left aside: this is for "never for more rights than their own", not for "may they now".
    package func authorityRoles(of subject: Subject) -> Set<AuthorityRole> {
        guard subject.identity.status == .active, subject.isGrantable else { return [] }
        let roles = AuthorityRole.allCases.filter { !roleGrants(of: subject, covering: $0).isEmpty }
        return Set(roles)
    }

    /// Which of these identities the policy makes admins, by name or by a group of its own. The caller leaves
    /// out those that are not active. Grants that wait for an approval do not count, nor do groups that the
    /// identity provider fills: who could act only with somebody else's help is no last admin.
    package func admins(among persons: [IdentityID]) -> Set<IdentityID> {
        let granting = grants.filter { $0.as.contains(.role(.admin)) && $0.approve == nil }
        return Set(persons.filter { id in id.kind == .person && granting.contains { names(id, in: $0.who) } })
    }

    private func names(_ id: IdentityID, in who: [Who]) -> Bool {
        who.contains { entry in
            switch entry {
            case .identity(let named): named == id
            case .group(let name): groups[name]?.contains(id) ?? false
            }
        }
    }

    private func roleGrants(of subject: Subject, covering act: AuthorityRole) -> [Grant] {
        grants.filter { grant in
            let covers = grant.as.contains { rule in
                if case .role(let role) = rule { return role.covers(act) }
                return false
            }
            return covers && includes(grant.who, subject)
        }
    }

    private static func shortfall(
        of grant: Grant, _ act: AuthorityRole, _ subject: Subject, at now: UnixTime
    ) -> Shortfall {
        var shortfall: Shortfall = []
        shortfall.require(.device, !grant.devices || subject.hasEnrolledDevice)
        let isFresh = act != .admin || hasFreshFactor(subject, at: now)
        shortfall.require(.factors, isFresh && grant.with.allSatisfy { subject.meets($0, at: now) })
        shortfall.require(.approval, grant.approve == nil)
        return shortfall
    }

    static func hasFreshFactor(_ subject: Subject, at now: UnixTime) -> Bool {
        subject.factors.keys.contains { factor in
            subject.age(of: factor, at: now).map { $0 < AuthorityRole.adminFreshness } ?? false
        }
    }

    private static func withoutRole(_ act: AuthorityRole, _ subject: Subject) -> AuthorityDecision {
        let missing = "no grant on the authority gives \(subject.identity.id) the role \(act.rawValue)"
        return .refused(.adminRequired, nearest: nil, missing: [missing])
    }

    private static func refusal(
        _ grant: Grant, _ shortfall: Shortfall, _ act: AuthorityRole, _ subject: Subject, at now: UnixTime
    ) -> AuthorityDecision {
        let name = "grant \(grant.name)"
        var missing: [String] = []
        if shortfall.contains(.device) { missing.append(deviceWords(name)) }
        missing += factorWords(name, grant.with, subject, at: now)
        if act == .admin, !hasFreshFactor(subject, at: now) {
            missing.append("acts of an admin need a factor younger than 15m: sign in again")
        }
        missing += approvalWords(name, grant.approve)
        let factors =
            subject.factors.isEmpty ? Refusal.factorRequired : factorCode(grant.with, subject, at: now)
        let code: Refusal =
            shortfall.contains(.device)
            ? .deviceRequired : shortfall.contains(.factors) ? factors : .approvalRequired
        return .refused(code, nearest: grant.name, missing: missing)
    }
}
