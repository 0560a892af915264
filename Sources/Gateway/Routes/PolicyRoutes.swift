import Authority
import AuthorityAPI
import Names
import SSHFormats

extension Routes {
    func policy(_ call: Call) async throws -> Answer {
        try call.query.only("version")
        guard let number = try call.query.number("version") else {
            let (version, policy) = try await authority.policies.show(to: try call.requester)
            return .json(PolicyReply(version, policy))
        }
        let version = try await authority.policyQuestions.version(number, by: try call.requester)
        return .json(PolicyReply(version, try? Policy(yaml: version.text)))
    }

    func policyApply(_ call: Call) async throws -> Answer {
        let request = try call.message(PolicyApplyRequest.self)
        let requester = try call.requester
        guard request.dryRun != true else {
            let tried = try await authority.policies.tryOut(
                request.text, base: request.baseVersion, by: requester)
            return .json(
                PolicyTestReply(tests: tried.tests.count, warnings: PolicyWarningInfo.all(tried.warnings)))
        }
        let reason = try request.reason.map { try Field.sentence("reason", $0) }
        let once = call.once { (version: PolicyVersion) in
            PolicyReply(version, try? Policy(yaml: version.text))
        }
        let outcome = try await authority.policies.apply(
            request.text, base: request.baseVersion, reason: reason, by: requester, once: once)
        return Answer(outcome, once)
    }

    func policyHistory(_ call: Call) async throws -> Answer {
        try call.query.only("before", "limit")
        let most = UInt64(PolicyQuestions.longestPage)
        let limit = Int(clamping: min(max(try call.query.number("limit") ?? most, 1), most))
        let found = try await authority.policyQuestions.history(
            before: try call.query.number("before"), limit: limit, by: try call.requester)
        return .json(
            PolicyHistoryReply(
                versions: found.map(PolicyHistoryReply.Version.init),
                more: found.count == limit && found.last?.version != 1))
    }

    func policyDiff(_ call: Call) async throws -> Answer {
        let request = try call.message(PolicyDiffRequest.self)
        let next: PolicyReference
        switch (request.to, request.text) {
        case (let number?, nil): next = .version(number)
        case (nil, let text?): next = .text(text)
        default: throw AuthorityError.refused(.badRequest, "exactly one of to, text")
        }
        let difference = try await authority.policyQuestions.difference(
            from: request.from, to: next, by: try call.requester)
        return .json(PolicyDiffReply(difference))
    }

    func policyWho(_ call: Call) async throws -> Answer {
        try call.query.only("to", "as", "of")
        let found: [GivenRight]
        switch (call.query.text("to"), call.query.text("of")) {
        case (let to?, nil):
            found = try await authority.policyQuestions.holders(
                of: try Field.place("to", to), as: call.query.text("as"), by: try call.requester)
        case (nil, let of):
            guard call.query.text("as") == nil else { throw DoorError.badRequest("query: as belongs to to") }
            let id = try of.map { text in
                try Field.name("of") { () throws(NameError) in try IdentityID(text) }
            }
            found = try await authority.policyQuestions.rights(of: id, by: try call.requester)
        default: throw DoorError.badRequest("query: to or of, not both")
        }
        let shown = found.prefix(PolicyQuestions.longestAnswer)
        return .json(PolicyWhoReply(rights: shown.map(PolicyRight.init), more: shown.count < found.count))
    }
}

extension PolicyReply {
    /// - Parameter policy: What its text says.
    fileprivate init(_ applied: PolicyVersion, _ policy: Policy?) {
        self.init(
            version: applied.version, text: applied.text, appliedBy: applied.appliedBy?.description,
            appliedAt: applied.appliedAt.seconds, tests: policy?.tests.count ?? 0, reason: applied.reason,
            warnings: PolicyWarningInfo.all(policy?.warnings ?? []))
    }
}

extension PolicyWarningInfo {
    private static let most = 100

    /// nil where there are none.
    fileprivate static func all(_ warnings: [PolicyWarning]) -> [PolicyWarningInfo]? {
        guard !warnings.isEmpty else { return nil }
        return warnings.prefix(most).map { warning in
            PolicyWarningInfo(
                code: warning.code.rawValue, grant: warning.grant.text, group: warning.group.text,
                roles: warning.roles.map(\.rawValue), text: warning.description)
        }
    }
}

extension PolicyHistoryReply.Version {
    fileprivate init(_ applied: PolicyVersion) {
        self.init(
            version: applied.version, appliedBy: applied.appliedBy?.description,
            appliedAt: applied.appliedAt.seconds, reason: applied.reason,
            sha256: Hexadecimal.text(TokenHash.of(applied.text)))
    }
}

extension PolicyRight {
    fileprivate init(_ given: GivenRight) {
        self.init(
            who: given.right.holder.description, to: given.right.place.description,
            as: given.right.login.description, grant: given.grant.text, terms: given.terms.words)
    }
}

extension PolicyDiffReply {
    fileprivate init(_ difference: PolicyDifference) {
        let shown = difference.changes.prefix(PolicyQuestions.longestAnswer)
        self.init(
            changes: shown.map { change in
                Change(
                    change: change.kind.rawValue, who: change.right.holder.description,
                    to: change.right.place.description, as: change.right.login.description,
                    before: change.before.map(PolicyRight.init), after: change.after.map(PolicyRight.init))
            }, more: shown.count < difference.changes.count, sameText: difference.isSameText,
            warnings: PolicyWarningInfo.all(difference.warnings))
    }
}
