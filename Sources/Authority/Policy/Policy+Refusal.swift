import Names
import SSHFormats

extension Policy {
    /// The refusal of the grant that came nearest: its first unmet condition is the code, all of them are
    /// said.
    static func refusal(
        _ grant: Grant, _ shortfall: Shortfall, _ request: AccessRequest, at now: UnixTime
    ) -> Decision {
        guard !shortfall.contains(.who) else { return strangerRefusal(grant, shortfall, request) }
        let unmet = Shortfall.inOrder.filter(shortfall.contains)
        let code = unmet.first.map { Self.code($0, grant, request, at: now) } ?? .noGrant
        let missing = unmet.flatMap { words($0, grant, request, at: now) }
        return .refused(code, nearest: grant.name, missing: missing)
    }

    /// Somebody whom no grant is for learns at most the name of one that would reach there.
    private static func strangerRefusal(
        _ grant: Grant, _ shortfall: Shortfall, _ request: AccessRequest
    ) -> Decision {
        let who = request.subject.identity.id
        guard shortfall.isDisjoint(with: [.host, .login]) else {
            let missing = request.grant.map { "grant \($0) is not for \(who)" } ?? "no grant is for \(who)"
            return .refused(.noGrant, nearest: nil, missing: [missing])
        }
        let missing = "grant \(grant.name) gives \(request.login) there, but is not for \(who)"
        return .refused(.noGrant, nearest: grant.name, missing: [missing])
    }

    private static func code(
        _ condition: Shortfall, _ grant: Grant, _ request: AccessRequest, at now: UnixTime
    ) -> Refusal {
        switch condition {
        case .host: .hostNotGranted
        case .login: lacksOwnLogin(grant, request) ? .loginMissing : .principalNotGranted
        case .scope: .scopeNotGranted
        case .door: .doorNotGranted
        case .device: .deviceRequired
        case .factors: factorCode(grant.with, request.subject, at: now)
        case .lifetime: .badLifetime
        case .approval: .approvalRequired
        default: .noGrant
        }
    }

    /// Whether `$self` might have been meant, had the person a login. It never means `root`.
    private static func lacksOwnLogin(_ grant: Grant, _ request: AccessRequest) -> Bool {
        grant.as.contains(.own) && request.subject.ownLogin == nil && !request.login.isRoot
    }

    private static func words(
        _ condition: Shortfall, _ grant: Grant, _ request: AccessRequest, at now: UnixTime
    ) -> [String] {
        let name = "grant \(grant.name)"
        switch condition {
        case .host:
            guard let host = request.host else { return ["\(name) gives one host at a time: name the host"] }
            return ["\(name) reaches \(Self.choice(grant.to)), and \(host.name) is not there"]
        case .login:
            let given = "\(name) gives \(Self.choice(grant.as)), not \(request.login)"
            guard lacksOwnLogin(grant, request) else { return [given] }
            return [given, "\(request.subject.identity.id) has no login for $self to stand for"]
        case .scope:
            return [
                "\(name) gives scope \(grant.scope.rawValue), not \(request.scope?.rawValue ?? "another")"
            ]
        case .door: return ["\(name) does not say `door: true`"]
        case .device: return [deviceWords(name)]
        case .factors: return factorWords(name, grant.with, request.subject, at: now)
        case .lifetime:
            let longest = PolicyDuration.words(grant.longest)
            return ["\(name) gives 1s to \(longest), not \(PolicyDuration.words(request.lifetime ?? 0))"]
        case .approval: return approvalWords(name, grant.approve)
        default: return []
        }
    }

    /// Whether a factor was never shown in the session, or only too long ago.
    static func factorCode(
        _ requirements: [FactorRequirement], _ subject: Subject, at now: UnixTime
    ) -> Refusal {
        let unmet = requirements.filter { !subject.meets($0, at: now) }
        return unmet.allSatisfy { subject.age(of: $0.factor, at: now) != nil }
            ? .factorTooOld : .factorRequired
    }

    static func deviceWords(_ name: String) -> String { "\(name) asks for an enrolled device" }

    static func approvalWords(_ name: String, _ approval: Approval?) -> [String] {
        approval.map { ["\(name) asks for \($0.count) approval(s) by group:\($0.by)"] } ?? []
    }

    static func factorWords(
        _ name: String, _ requirements: [FactorRequirement], _ subject: Subject, at now: UnixTime
    ) -> [String] {
        requirements.filter { !subject.meets($0, at: now) }.map { requirement in
            let limit = requirement.maxAge.map { " of the last \(PolicyDuration.words($0))" } ?? ""
            let age = subject.age(of: requirement.factor, at: now)
            let shown = age.map { "it was shown \(PolicyDuration.roughly($0)) ago" } ?? "it was not shown"
            return "\(name) asks for \(requirement.factor.rawValue)\(limit); \(shown)"
        }
    }

    /// At most eight things, joined by "or".
    static func choice(_ things: [some CustomStringConvertible]) -> String {
        let shown = things.prefix(8).map(\.description)
        guard things.count <= 8 else { return shown.joined(separator: ", ") + " or \(things.count - 8) more" }
        guard let last = shown.last, shown.count > 1 else { return shown.joined() }
        return shown.dropLast().joined(separator: ", ") + " or " + last
    }
}
