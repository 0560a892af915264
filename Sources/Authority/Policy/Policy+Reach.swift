package import Names
package import SSHFormats

/// A login on a host that a grant is for, and what is still needed to use it.
package struct Reach: Hashable, Sendable {
    package let host: Name
    package let login: Login
    package let grant: Name
    /// Empty where a certificate would be given now; else `doorNotGranted`, `deviceRequired`, `factorRequired`, `factorTooOld`,
    /// `approvalRequired`.
    package let needs: [Refusal]
    /// What to show so that `needs` says nothing of factors, in the order of the policy.
    package let factors: [Factor]
}

extension Policy {
    /// Everything that the grants for this subject reach among these hosts: in their order, then in that of
    /// the policy. Nothing for whoever is suspended. `$self` without a login is left out.
    package func reach(of subject: Subject, hosts: [Host], at now: UnixTime) -> [Reach] {
        guard subject.isActive, subject.isGrantable else { return [] }
        let own = grants.filter { !$0.isAboutAuthority && includes($0.who, subject) }
            .map { grant in
                (
                    grant, needs(of: grant, subject, at: now),
                    factorsDue(grant.name, for: subject, at: now), logins(of: grant, subject)
                )
            }
        return hosts.flatMap { host in
            own.filter { grant, _, _, _ in grant.to.contains(where: host.matches) }.flatMap {
                grant, needs, factors, logins in
                logins.map {
                    Reach(host: host.name, login: $0, grant: grant.name, needs: needs, factors: factors)
                }
            }
        }
    }

    private func needs(of grant: Grant, _ subject: Subject, at now: UnixTime) -> [Refusal] {
        var needs: [Refusal] = []
        if subject.isThroughDoor, !grant.door { needs.append(.doorNotGranted) }
        if grant.devices, !subject.hasEnrolledDevice { needs.append(.deviceRequired) }
        if !grant.with.allSatisfy({ subject.meets($0, at: now) }) {
            needs.append(Self.factorCode(grant.with, subject, at: now))
        }
        if grant.approve != nil { needs.append(.approvalRequired) }
        return needs
    }

    private func logins(of grant: Grant, _ subject: Subject) -> [Login] {
        var seen: Set<Login> = []
        return grant.as.compactMap { rule in
            switch rule {
            case .login(let login): login
            case .own: subject.ownLogin
            case .role: nil
            }
        }.filter { seen.insert($0).inserted }
    }
}
