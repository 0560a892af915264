import Authority
import AuthorityAPI
import Names
import SSHFormats

extension Routes {
    func policy(_ call: Call) async throws -> Answer {
        let (version, policy) = try await authority.policies.show(to: try call.requester)
        return .json(PolicyReply(version, tests: policy.tests.count))
    }

    func policyApply(_ call: Call) async throws -> Answer {
        let request = try call.message(PolicyApplyRequest.self)
        let requester = try call.requester
        guard request.dryRun != true else {
            let tried = try await authority.policies.tryOut(
                request.text, base: request.baseVersion, by: requester)
            return .json(PolicyTestReply(tests: tried.tests.count))
        }
        let once = call.once { (version: PolicyVersion) in
            PolicyReply(version, tests: (try? Policy(yaml: version.text).tests.count) ?? 0)
        }
        let outcome = try await authority.policies.apply(
            request.text, base: request.baseVersion, by: requester, once: once)
        return Answer(outcome, once)
    }
}

extension PolicyReply {
    fileprivate init(_ applied: PolicyVersion, tests: Int) {
        self.init(
            version: applied.version, text: applied.text, appliedBy: applied.appliedBy?.description,
            appliedAt: applied.appliedAt.seconds, tests: tests)
    }
}
