import ArgumentParser
import AuthorityAPI
import AuthorityClient

/// `reeve person`
struct PersonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "person", abstract: "People: add, list, suspend, resume, link.",
        subcommands: [
            PersonAddCommand.self, PersonListCommand.self, PersonSuspendCommand.self,
            PersonResumeCommand.self, PersonLinkCommand.self, PersonUnlinkCommand.self,
        ])
}

/// `reeve host`
struct HostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host", abstract: "Hosts: add, list, state, suspend, resume.",
        subcommands: [
            HostAddCommand.self, HostListCommand.self, HostStateCommand.self, HostSuspendCommand.self,
            HostResumeCommand.self, HostRetireCommand.self,
        ])
}

/// How links are shown.
struct LinkOptions: ParsableArguments {
    @Flag(help: "Print the link and nothing else.")
    var linkOnly = false
    @Option(help: "Why, for those who must agree.")
    var reason: String?
    @Flag(help: "Wait until others have agreed, where they must.")
    var wait = false
}

/// Whose status changes, and why.
struct StatusOptions: ParsableArguments {
    @Argument(help: "Name.")
    var name: String
    @Option(help: "Why; stands in the ledger.")
    var reason: String?
    @Flag(help: "Wait until others have agreed, where they must.")
    var wait = false
}

extension ReeveCommand {
    /// Adds an identity and shows its link, once.
    func add(_ request: IdentityAddRequest, _ options: LinkOptions, for command: String) async throws {
        let reply = try await StateFolder().signedIn(waiting: options.wait) {
            try await $0.call(.identityAdd, body: request, as: IdentityAddReply.self).0
        }
        let head = "\(reply.identity.kind) \(reply.identity.name) is added."
        show(reply, lines: linkLines(reply.link, options, for: command, head: [head]))
    }

    func linkLines(
        _ reply: LinkReply, _ options: LinkOptions, for command: String, head: [String]
    ) -> [String] {
        guard !options.linkOnly else { return [reply.link] }
        return head + [
            reply.link,
            "next: until \(Moment.text(reply.notAfter)), \(command) takes this link; it is not shown again",
        ]
    }

    func list(_ kind: String) async throws {
        let all = try await StateFolder().signedIn { try await $0.identities(kind) }
        let rows = all.map { identity in
            let facts =
                [identity.login.map { "login=\($0)" }].compactMap { $0 } + identity.labels + identity.aliases
                + identity.addresses
            return [identity.name, identity.status, facts.joined(separator: "  ")]
        }
        show(all, table: Table(rows: rows))
    }

    func setStatus(_ status: String, of identity: String, _ options: StatusOptions) async throws {
        let request = IdentityStatusRequest(identity: identity, status: status, reason: options.reason)
        let reply = try await StateFolder().signedIn(waiting: options.wait) {
            try await $0.call(.identityStatus, body: request, as: IdentityReply.self).0
        }
        show(reply, lines: ["\(reply.kind) \(reply.name) is \(reply.status)."])
    }
}

extension AuthorityConnection {
    /// All identities of a kind, in order of name.
    func identities(_ kind: String) async throws -> [IdentityReply] {
        var all: [IdentityReply] = []
        while true {
            let query = [(name: "kind", value: kind)] + all.suffix(1).map { (name: "after", value: $0.name) }
            let (page, _) = try await call(.identities, query: query, as: IdentityListReply.self)
            all += page.identities
            guard page.more, !page.identities.isEmpty else { return all }
        }
    }
}

/// `reeve link`
struct LinkCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "link", abstract: "Make a new enrolment link for an identity that exists.")

    @Argument(help: "alice, or host:web1.example.com")
    var identity: String
    @OptionGroup var link: LinkOptions
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let request = IdentityLinkRequest(identity: identity, reason: link.reason)
        let reply = try await StateFolder().signedIn(waiting: link.wait) {
            try await $0.call(.identityLink, body: request, as: LinkReply.self).0
        }
        let command = identity.hasPrefix("host:") ? "reeve-agent enrol" : "reeve enrol"
        show(reply, lines: linkLines(reply, link, for: command, head: []))
    }
}
