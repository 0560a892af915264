import Authority
import AuthorityAPI
import Names
import SSHFormats

extension Routes {
    func governance(_ call: Call) async throws -> Answer {
        let report = try await authority.governance.report(to: try call.requester)
        let found = Dictionary(grouping: report.findings, by: \.rule)
        return .json(
            GovernanceReply(
                rules: report.rules.map { rule, setting in
                    GovernanceReply.Rule(
                        rule: rule.rawValue, do: setting.measure.rawValue, after: setting.after,
                        count: setting.count,
                        findings: (found[rule] ?? []).map { finding in
                            GovernanceReply.Finding(
                                identity: finding.identity?.description, key: finding.key?.description,
                                words: finding.words)
                        })
                }))
    }
}
