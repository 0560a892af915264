import ArgumentParser
import AuthorityAPI
import AuthorityClient

/// `reeve policy`
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "The policy: show, test, compare, apply; who may do what by it.",
        subcommands: [
            PolicyShowCommand.self, PolicyTestCommand.self, PolicyDiffCommand.self, PolicyApplyCommand.self,
            PolicyHistoryCommand.self, PolicyWhoCommand.self,
        ])
}

struct PolicyShowCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print the policy in force, or one that was.")
    @Option(help: "This version of it.")
    var version: UInt64?
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let query = version.map { [(name: "version", value: String($0))] } ?? []
        let reply = try await StateFolder().signedIn {
            try await $0.call(.policy, query: query, as: PolicyReply.self).0
        }
        let text = reply.text.hasSuffix("\n") ? String(reply.text.dropLast()) : reply.text
        show(reply, text: text)
    }
}

struct PolicyTestCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Check a policy and run its tests; change nothing.",
        discussion: """
            Exit status 1 if it could not be applied. Warns of roles on the authority for groups that a provisioner or an \
            identity provider fills.
            """)

    @Argument(help: "File; - is standard input.")
    var file: String
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let request = PolicyApplyRequest(text: try InputFile.text(file), baseVersion: nil, dryRun: true)
        let reply = try await StateFolder().signedIn {
            try await $0.call(.policyApply, body: request, as: PolicyTestReply.self).0
        }
        show(
            reply,
            lines: ["The policy is good and its \(reply.tests) tests pass; nothing is changed."]
                + PolicyWarningInfo.lines(reply.warnings))
    }
}

struct PolicyApplyCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Put a policy in force.",
        discussion: "Refused if one of its own tests fails. Warns as test does, and applies it all the same.")

    @Argument(help: "File; - is standard input.")
    var file: String
    @Option(help: "Refuse if another version than this is in force.")
    var base: UInt64?
    @Option(help: "Why; stands in the history and in the ledger.")
    var reason: String?
    @Flag(help: "Wait until others have agreed, where they must.")
    var wait = false
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let request = PolicyApplyRequest(
            text: try InputFile.text(file), baseVersion: base, dryRun: nil, reason: reason)
        let reply = try await StateFolder().signedIn(waiting: wait) {
            try await $0.call(.policyApply, body: request, as: PolicyReply.self).0
        }
        show(
            reply,
            lines: ["Policy version \(reply.version) is in force; its \(reply.tests) tests pass."]
                + PolicyWarningInfo.lines(reply.warnings))
    }
}

extension PolicyWarningInfo {
    /// As they are shown, one a line.
    static func lines(_ warnings: [PolicyWarningInfo]?) -> [String] {
        (warnings ?? []).map { "Warning: \(Screen.plain($0.text))." }
    }
}
