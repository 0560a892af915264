import ArgumentParser
import AuthorityAPI
import AuthorityClient

/// `reeve explain`
struct ExplainCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Why somebody may or may not log in, and by which grant.",
        discussion: "Exit status 0 if it is allowed, 1 if not.")

    @Option(help: "Person; by default you.")
    var who: String?
    @Option(help: "Host: name, alias or address.")
    var to: String
    @Option(name: .customLong("as"), help: "Login.")
    var login: String
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let request = ExplainRequest(who: who, to: to, as: login)
        let reply = try await StateFolder().signedIn {
            try await $0.call(.explain, body: request, as: ExplainReply.self).0
        }
        var head = reply.allowed ? "allowed" : "refused"
        if let code = reply.code { head += " (\(code))" }
        if let grant = reply.grant {
            head += reply.allowed ? " by grant \(grant)" : "; nearest grant: \(grant)"
        }
        show(reply, lines: [head] + reply.lines)
        if !reply.allowed { throw ExitCode(ExitStatus.refused.rawValue) }
    }
}
