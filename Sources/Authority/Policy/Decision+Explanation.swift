import Names
import SSHFormats

extension Decision {
    /// The decision in lines of plain text, the verdict first, then why, then what to do next.
    package func explanation(of request: AccessRequest) -> [String] {
        let who = request.subject.identity.id
        let place = request.host?.name.text ?? request.grant.map { "all hosts of grant \($0)" } ?? "any host"
        switch self {
        case .allowed(let allowance):
            return ["\(who) may log in to \(place) as \(request.login)."] + allowance.explanation
        case .refused(.approvalRequired, let nearest, let missing):
            return [
                "\(who) may log in to \(place) as \(request.login) once others have approved: "
                    + "\(Refusal.approvalRequired.rawValue)."
            ] + Self.reasons(.approvalRequired, nearest, missing)
        case .refused(let refusal, let nearest, let missing):
            return ["\(who) may not log in to \(place) as \(request.login): \(refusal.rawValue)."]
                + Self.reasons(refusal, nearest, missing)
        }
    }

    static func reasons(_ refusal: Refusal, _ nearest: Name?, _ missing: [String]) -> [String] {
        let grant = nearest.map { ["nearest grant: \($0)"] } ?? []
        return grant + missing.map { "- \($0)" } + [refusal.advice]
    }
}

extension AuthorityDecision {
    /// As ``Decision/explanation(of:)``, for an act on the authority.
    package func explanation(of act: AuthorityRole, by subject: Subject) -> [String] {
        switch self {
        case .allowed(let grant):
            ["\(subject.identity.id) may act as \(act.rawValue).", "grant: \(grant)"]
        case .refused(let refusal, let nearest, let missing):
            ["\(subject.identity.id) may not act as \(act.rawValue): \(refusal.rawValue)."]
                + Decision.reasons(refusal, nearest, missing)
        }
    }
}

extension Allowance {
    /// What the certificate would say.
    package var explanation: [String] {
        let authority = plain ? ", signed by the plain-user CA" : ""
        let lifetime = PolicyDuration.words(lifetime)
        var lines = [
            "grant: \(grant) (scope \(scope.rawValue), \(lifetime)\(authority))",
            "principals: " + principals.map(\.description).joined(separator: ", "),
        ]
        let permitted = extensions.options.map(\.name)
        lines.append(
            "permits: " + (permitted.isEmpty ? "nothing but a command" : permitted.joined(separator: ", ")))
        if let command = options.forceCommand { lines.append("force-command: \(command)") }
        if let addresses = options.sourceAddress { lines.append("source-address: \(addresses)") }
        return lines
    }
}
