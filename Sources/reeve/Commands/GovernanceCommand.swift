import ArgumentParser
import AuthorityAPI
import AuthorityClient

/// `reeve governance`
struct GovernanceCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "governance",
        abstract: "What the rules about passwords, factors, keys and owners find; for auditors and admins.",
        discussion: "Exit status 0, whatever is found.")

    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let reply = try await StateFolder().signedIn {
            try await $0.call(.governance, as: GovernanceReply.self).0
        }
        show(reply, lines: reply.rules.flatMap(Self.lines))
    }

    private static func lines(_ rule: GovernanceReply.Rule) -> [String] {
        let terms = [rule.after.map { "after \($0 / 86_400) d" }, rule.count.map { "from \($0) on" }]
            .compactMap(\.self)
        let head = ([rule.rule, rule.do] + terms).joined(separator: " ")
        guard rule.do != "off" else { return [head] }
        return ["\(head): \(rule.findings.isEmpty ? "nothing" : "\(rule.findings.count) found")"]
            + rule.findings.map { finding in
                "  "
                    + [finding.identity, finding.key, finding.words].compactMap(\.self).joined(separator: " ")
            }
    }
}
