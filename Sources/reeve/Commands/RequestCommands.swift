import ArgumentParser
import AuthorityAPI
import AuthorityClient
import HostDocuments

/// `reeve requests`
struct RequestsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requests",
        abstract: "Requests that need approvals: yours, and those that wait for you.",
        subcommands: [RequestsListCommand.self, RequestsShowCommand.self],
        defaultSubcommand: RequestsListCommand.self)
}

struct RequestsListCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List those that are yours or wait for you.")

    @Flag(help: "Those that are over too.")
    var ended = false
    @Flag(help: "Everybody's; for auditors and admins.")
    var all = false
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let query = [("ended", ended), ("all", all)].filter(\.1).map { (name: $0.0, value: "true") }
        let reply = try await StateFolder().signedIn {
            try await $0.call(.requests, query: query, as: ApprovalListReply.self).0
        }
        show(
            reply,
            table: Table(
                head: ["NUMBER", "STATE", "WHO", "AS", "TO", "GRANT", "APPROVALS", "ENDS", "REASON"],
                rows: reply.requests.map(Self.row)))
    }

    private static func row(_ request: ApprovalReply) -> [String] {
        let given = request.votes.count { $0.decision == "approved" }
        return [
            String(request.number), request.waitsForYou ? "\(request.state), for you" : request.state,
            request.requester, request.as ?? "",
            request.act ?? request.to ?? (request.as == nil ? "" : "all places"),
            request.grant ?? request.kind,
            "\(given) of \(request.needed)", Moment.text(request.notAfter), request.reason ?? "",
        ]
    }
}

struct RequestsShowCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show all that is signed of one request, and who said what.")

    @Argument(help: "Its number.")
    var number: UInt64
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let state = try StateFolder()
        let device = try state.device()
        let found = try await state.signedIn { try await $0.request(number) }
        let document = try ApprovalPaper(found, origin: device.origin)
        let votes = found.votes.map { vote in
            "\(vote.decision) by \(vote.person) at \(Moment.text(vote.at)) with \(vote.key)"
                + (vote.reason.map { ": \($0)" } ?? "")
        }
        show(found, lines: document.lines + ["state: \(found.state)"] + votes)
    }
}

/// `reeve approve`
struct ApproveCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Approve a request: shows all of it, and signs it with the key of this device.",
        discussion: """
            A person at a terminal is asked first, unless --yes is given. A recovery takes the number that the person tells; \
            a wrong one ends it.
            """)

    @Argument(help: "Its number.")
    var number: UInt64
    @Option(help: "Why; it is signed and kept.")
    var reason: String?
    @Flag(help: "Do not ask first.")
    var yes = false
    @OptionGroup var answers: AnswerOptions
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let decided = try await ApprovalDecision(
            number: number, decision: .approved, reason: reason, prompter: Prompter(try answers.answers())
        ).made(asking: !yes)
        let given = decided.votes.count { $0.decision == "approved" }
        show(decided, lines: ["Approved request \(number): it has \(given) of \(decided.needed) approvals."])
    }
}

/// `reeve deny`
struct DenyCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "deny", abstract: "Deny a request, or take back one of yours.")

    @Argument(help: "Its number.")
    var number: UInt64
    @Option(help: "Why; it is signed and kept.")
    var reason: String?
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let decided = try await ApprovalDecision(number: number, decision: .denied, reason: reason).made(
            asking: false)
        show(decided, lines: ["Denied request \(number)."])
    }
}
