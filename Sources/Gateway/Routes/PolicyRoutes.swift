import Authority
import AuthorityAPI
import Names
import SSHFormats

extension Routes {
    func policy(_ call: Call) async throws -> Answer {
        let (version, policy) = try await current(for: try call.requester)
        return .json(PolicyReply(version, tests: policy.tests.count))
    }

    func policyApply(_ call: Call) async throws -> Answer {
        let request = try call.message(PolicyApplyRequest.self)
        let requester = try call.requester
        guard request.dryRun != true else {
            let (present, _) = try await current(for: requester)
            guard request.baseVersion.map({ $0 == present.version }) ?? true else {
                throw AuthorityError.refused(.policyMoved)
            }
            return .json(PolicyTestReply(tests: try await authority.policies.check(request.text).tests.count))
        }
        let once = call.once { (version: PolicyVersion) in
            PolicyReply(version, tests: (try? Policy(yaml: version.text).tests.count) ?? 0)
        }
        let outcome = try await authority.policies.apply(
            request.text, base: request.baseVersion, by: requester, once: once)
        return Answer(outcome, once)
    }

    /// The policy says who has what: only for those who hold any role on the authority.
    private func current(for requester: Requester) async throws -> (version: PolicyVersion, policy: Policy) {
        let (version, policy) = try await authority.policies.current()
        guard !policy.authorityRoles(of: Subject(requester)).isEmpty else {
            throw AuthorityError.refused(.adminRequired)
        }
        return (version, policy)
    }
}

extension PolicyReply {
    fileprivate init(_ applied: PolicyVersion, tests: Int) {
        self.init(
            version: applied.version, text: applied.text, appliedBy: applied.appliedBy?.description,
            appliedAt: applied.appliedAt.seconds, tests: tests)
    }
}
