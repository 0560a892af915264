import Names
package import SSHFormats

extension Policy {
    /// Whether one grant allows all of it: the first in the order of the policy, or the one that the request
    /// names.
    ///
    /// Unknown, suspended or missing means refused. Depends on nothing but its arguments.
    package func decide(_ request: AccessRequest, at now: UnixTime) -> Decision {
        if let refused = refusalOutright(request) { return refused }
        var nearest: (grant: Grant, shortfall: Shortfall)?
        for grant in grants where !grant.isAboutAuthority && (request.grant ?? grant.name) == grant.name {
            let shortfall = shortfall(of: grant, request, at: now)
            if shortfall.isEmpty { return .allowed(Self.allowance(grant, request)) }
            if let best = nearest, best.shortfall.rawValue <= shortfall.rawValue { continue }
            nearest = (grant, shortfall)
        }
        guard let (grant, shortfall) = nearest else {
            return .refused(.noGrant, nearest: nil, missing: ["the policy has no grant for hosts"])
        }
        return Self.refusal(grant, shortfall, request, at: now)
    }

    /// The same, where people may be asked: what a grant would give that asks for nothing more than approvals, with its
    /// rule. A grant that asks for none comes first.
    func decideBeforeApproval(
        _ request: AccessRequest, at now: UnixTime
    ) -> (decision: Decision, approval: Approval?) {
        let decision = decide(request, at: now)
        guard case .refused(.approvalRequired, let name?, _) = decision,
            let approval = grants.first(where: { $0.name == name })?.approve
        else { return (decision, nil) }
        var approved = request
        approved.approved = name
        return (decide(approved, at: now), approval)
    }

    /// What no grant can mend.
    private func refusalOutright(_ request: AccessRequest) -> Decision? {
        let subject = request.subject
        guard subject.isActive else {
            let who = subject.identity.status == .active ? subject.device?.id : subject.identity.id
            let missing = who.map { ["\($0) is not active"] } ?? []
            return .refused(.identitySuspended, nearest: nil, missing: missing)
        }
        guard subject.isGrantable else {
            let id = subject.identity.id
            let missing = "\(id) is a \(id.kind.rawValue): only persons and services log in"
            return .refused(.noGrant, nearest: nil, missing: [missing])
        }
        guard let wanted = request.grant else {
            guard request.host == nil else { return nil }
            return .refused(
                .badRequest, nearest: nil, missing: ["name a host, or a grant for all of its hosts"])
        }
        guard let grant = grants.first(where: { $0.name == wanted }) else {
            return .refused(.noGrant, nearest: nil, missing: ["there is no grant called \(wanted)"])
        }
        guard !grant.isAboutAuthority else {
            let missing = "grant \(wanted) is about the authority, not about hosts"
            return .refused(.noGrant, nearest: nil, missing: [missing])
        }
        return nil
    }

    private func shortfall(of grant: Grant, _ request: AccessRequest, at now: UnixTime) -> Shortfall {
        let subject = request.subject
        var shortfall: Shortfall = []
        shortfall.require(.who, includes(grant.who, subject))
        shortfall.require(.host, Self.reaches(grant, request.host))
        shortfall.require(.login, Self.gives(grant, request.login, subject))
        shortfall.require(.scope, request.scope == nil || request.scope == grant.scope)
        shortfall.require(.door, !subject.isThroughDoor || grant.door)
        shortfall.require(.device, !grant.devices || subject.hasEnrolledDevice)
        shortfall.require(.factors, grant.with.allSatisfy { subject.meets($0, at: now) })
        shortfall.require(.lifetime, request.lifetime.map { (1...grant.longest).contains($0) } ?? true)
        shortfall.require(.approval, grant.approve == nil || request.approved == grant.name)
        return shortfall
    }

    /// Without a host all entries are meant, which only `scope: day` can give.
    private static func reaches(_ grant: Grant, _ host: Host?) -> Bool {
        guard let host else { return grant.scope == .day }
        return grant.to.contains(where: host.matches)
    }

    private static func gives(_ grant: Grant, _ login: Login, _ subject: Subject) -> Bool {
        grant.as.contains { rule in
            switch rule {
            case .login(let granted): granted == login
            case .own: subject.ownLogin == login
            case .role: false
            }
        }
    }

    private static func allowance(_ grant: Grant, _ request: AccessRequest) -> Allowance {
        Allowance(
            grant: grant.name, principals: principals(grant, request),
            lifetime: request.lifetime ?? grant.longest, options: grant.criticalOptions,
            extensions: grant.extensions, scope: grant.scope, plain: grant.principals == .plain,
            door: grant.door)
    }

    /// Entries of the grant only, and of those only the ones that match the host.
    private static func principals(_ grant: Grant, _ request: AccessRequest) -> [PrincipalName] {
        if grant.principals == .plain { return [.plain(request.login)] }
        switch (grant.scope, request.host) {
        case (.connection, let host?):
            return [host.shared.map { .onLabel(request.login, $0) } ?? .onHost(request.login, host.name)]
        case (.connection, nil): return []
        case (.day, let host):
            return grant.to.filter { host?.matches($0) ?? true }.compactMap { place in
                switch place {
                case .host(let name): .onHost(request.login, name)
                case .label(let label): .onLabel(request.login, label)
                case .authority: nil
                }
            }
        }
    }
}
