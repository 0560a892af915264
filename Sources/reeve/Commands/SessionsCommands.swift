import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Posix

/// `reeve sessions`
struct SessionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions", abstract: "Signed-in sessions: list them and end them.",
        subcommands: [SessionsListCommand.self, SessionsEndCommand.self])
}

struct SessionsListCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the sessions that run: yours.")

    @Option(help: "Of this person; for those with a role on the authority.")
    var of: String?
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let query = of.map { [(name: "of", value: $0)] } ?? []
        let sessions = try await StateFolder().signedIn {
            try await $0.call(.sessionList, query: query, as: SessionListReply.self).0.sessions
        }
        let now = WallClock.now()
        show(
            sessions,
            table: Table(
                rows: sessions.map { session in
                    [
                        session.id, session.device ?? "no device", "from \(session.source)",
                        "since \(Moment.text(session.startedAt))",
                        "used \(Age.text(since: session.lastUsedAt, at: now)) ago",
                        session.current ? "this one" : "",
                    ]
                }))
    }
}

struct SessionsEndCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "end", abstract: "End one session, all others of yours, or all of somebody.")

    @Argument(help: "Id, as `reeve sessions list` shows it.")
    var id: String?
    @Flag(help: "All of yours but this one.")
    var others = false
    @Option(help: "All of this person.")
    var of: String?
    @Option(help: "Why, for those who must agree.")
    var reason: String?
    @Flag(help: "Wait until others have agreed, where they must.")
    var wait = false
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard [id != nil, others, of != nil].count(where: { $0 }) == 1 else {
            throw ValidationError("Give exactly one of an id, --others, --of.")
        }
    }

    func perform() async throws {
        let request = SessionsEndRequest(session: id, of: of, others: others ? true : nil, reason: reason)
        let reply = try await StateFolder().signedIn(waiting: wait) {
            try await $0.call(.sessionsEnd, body: request, as: SessionsEndReply.self).0
        }
        show(reply, lines: ["Ended: \(reply.ended.isEmpty ? "none" : reply.ended.joined(separator: " "))"])
    }
}
