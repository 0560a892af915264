import ArgumentParser
import AuthorityAPI
import AuthorityClient

struct PolicyDiffCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Who would gain and lose what; change nothing.",
        discussion: """
            Compares by what policies come to: a grant that is renamed or regrouped changes nothing. Without --from the \
            version in force is compared.
            """)

    @Argument(help: "File; - is standard input.")
    var file: String?
    @Option(help: "Compare with this version.")
    var from: UInt64?
    @Option(help: "Compare this version instead of a file.")
    var to: UInt64?
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (file == nil) != (to == nil) else { throw ValidationError("Give a file or --to, one of them.") }
    }

    func perform() async throws {
        let request = PolicyDiffRequest(from: from, to: to, text: try file.map(InputFile.text))
        let reply = try await StateFolder().signedIn {
            try await $0.call(.policyDiff, body: request, as: PolicyDiffReply.self).0
        }
        show(reply, lines: Self.lines(reply) + PolicyWarningInfo.lines(reply.warnings))
    }

    private static func lines(_ reply: PolicyDiffReply) -> [String] {
        guard !reply.changes.isEmpty else {
            return [
                reply.sameText
                    ? "The texts are the same." : "The texts differ; nobody gains or loses anything by it."
            ]
        }
        let lines = reply.changes.flatMap { change in
            let head = "\(change.who) \(change.change) \(change.as) on \(change.to)"
            switch change.change {
            case "gains": return ["+ \(head)"] + change.after.map { "    \(words($0))" }
            case "loses": return ["- \(head)"] + change.before.map { "    \(words($0))" }
            default:
                return ["~ \(head)"] + change.before.map { "    before: \(words($0))" }
                    + change.after.map { "    after:  \(words($0))" }
            }
        }
        return lines + (reply.more ? ["… and more; compare smaller steps"] : [])
    }

    private static func words(_ right: PolicyRight) -> String {
        (["grant \(right.grant)"] + right.terms).joined(separator: "; ")
    }
}

struct PolicyHistoryCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Which policies there were: who applied them, when and why.",
        discussion: "`reeve policy show --version N` prints one of them.")

    @Option(help: "At most so many, the newest.")
    var limit: UInt64 = 50
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let wanted = limit
        let versions = try await StateFolder().signedIn { connection in
            var all: [PolicyHistoryReply.Version] = []
            while UInt64(all.count) < wanted {
                let query =
                    [(name: "limit", value: String(min(wanted - UInt64(all.count), 200)))]
                    + all.suffix(1).map { (name: "before", value: String($0.version)) }
                let (page, _) = try await connection.call(
                    .policyHistory, query: query, as: PolicyHistoryReply.self)
                all += page.versions
                guard page.more, !page.versions.isEmpty else { break }
            }
            return all
        }
        show(
            versions,
            lines: versions.map { version in
                let who = version.appliedBy ?? "first start"
                return ["\(version.version)", Moment.text(version.appliedAt), who, version.reason ?? ""]
                    .filter { !$0.isEmpty }.joined(separator: "  ")
            })
    }
}

struct PolicyWhoCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "who", abstract: "Who may reach a host, or what somebody may reach, and by which grant.",
        discussion: """
            --to authority asks who has a role on the authority. Without options it says what you may reach; others are \
            shown to auditors and admins.
            """)

    @Option(help: "Host: name, alias or address; or authority.")
    var to: String?
    @Option(name: .customLong("as"), help: "Only this login, or this role on the authority.")
    var login: String?
    @Option(help: "Person or service.")
    var of: String?
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard to == nil || of == nil else { throw ValidationError("Give --to or --of, not both.") }
        guard login == nil || to != nil else { throw ValidationError("--as belongs to --to.") }
    }

    func perform() async throws {
        let query = [("to", to), ("as", login), ("of", of)].compactMap { name, value in
            value.map { (name: name, value: $0) }
        }
        let reply = try await StateFolder().signedIn {
            try await $0.call(.policyWho, query: query, as: PolicyWhoReply.self).0
        }
        let lines = reply.rights.map { right in
            let terms = right.terms.joined(separator: "; ")
            return "\(right.who) as \(right.as) on \(right.to) by grant \(right.grant)"
                + (terms.isEmpty ? "" : " (\(terms))")
        }
        let rest = reply.more ? ["… and more"] : []
        let none = of == nil && to != nil ? "Nobody." : "Nothing."
        show(reply, table: Table(rows: (lines.isEmpty ? [none] : lines + rest).map { [$0] }))
    }
}
