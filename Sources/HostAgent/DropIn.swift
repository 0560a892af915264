/// The one file of sshd's configuration that belongs to the agent.
package struct DropIn: Hashable, Sendable {
    /// A line of it; keywords as sshd_config(5) writes them.
    package struct Directive: Hashable, Sendable {
        package let keyword: String
        package let value: String
    }

    /// The first line; a file without it is not ours and is never replaced.
    package static let mark = "# Written by reeve-agent; changes are lost. See reeve-agent(8)."

    package let directives: [Directive]

    /// - Parameter certificates: Files of host certificates that are there.
    package init(settings: AgentSettings, certificates: [String]) {
        let folder = settings.folder
        let data = settings.data == AgentSettings.standardData ? "" : " --data \(settings.data)"
        directives =
            [
                Directive(keyword: "TrustedUserCAKeys", value: folder.userCA),
                Directive(keyword: "RevokedKeys", value: folder.revokedKeys),
                Directive(keyword: "AuthorizedPrincipalsCommand", value: "\(settings.program)\(data) %u"),
                Directive(keyword: "AuthorizedPrincipalsCommandUser", value: settings.commandUser),
            ] + certificates.map { Directive(keyword: "HostCertificate", value: $0) }
    }

    package init(directives: [Directive]) { self.directives = directives }

    package var text: String {
        ([Self.mark] + directives.map { "\($0.keyword) \($0.value)" }).joined(separator: "\n") + "\n"
    }

    /// The first directive that is not in force; nil where all are. HostCertificate may have more values than ours.
    package func firstDifference(from effective: EffectiveConfiguration) -> Directive? {
        directives.first { directive in
            let values = effective.values(directive.keyword)
            return directive.keyword == "HostCertificate"
                ? !values.contains(directive.value) : values != [directive.value]
        }
    }

    static func isOurs(_ bytes: [UInt8]) -> Bool { bytes.starts(with: Array(mark.utf8)) }
}
