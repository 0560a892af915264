import ArgumentParser
import AuthorityAPI
import AuthorityClient

/// `reeve explain`
struct ExplainCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Why somebody may or may not log in, and by which grant; or why sshd refused a login.",
        discussion: """
            Exit status 0 if it is allowed, 1 if not. With --log it says what a line of sshd's log means, as OpenSSH 9.2 writes \
            them: 0 if each line is one that is known, 1 if not; nothing is guessed.
            """)

    @Option(help: "Person; by default you.")
    var who: String?
    @Option(help: "Host: name, alias or address.")
    var to: String?
    @Option(name: .customLong("as"), help: "Login.")
    var login: String?
    @Option(help: ArgumentHelp("A line of sshd's log; - reads lines from standard input.", valueName: "line"))
    var log: String?
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard log == nil else {
            guard who == nil, to == nil, login == nil else {
                throw ValidationError("--log goes with no other question.")
            }
            return
        }
        guard to != nil else { throw ValidationError("Missing expected argument '--to <to>'") }
        guard login != nil else { throw ValidationError("Missing expected argument '--as <as>'") }
    }

    func perform() async throws {
        if let log {
            let explanation = try await LogExplanation(log)
            show(explanation.lines, lines: explanation.text)
            guard explanation.isWhole else { throw ExitCode(ExitStatus.refused.rawValue) }
            return
        }
        guard let to, let login else { return }
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
