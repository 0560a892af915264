import ArgumentParser
import AuthorityAPI
import AuthorityClient

struct PersonAddCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a person and print the link for their first device.")

    @Argument(help: "Name in lower case.")
    var name: String
    @Option(help: "Their login on hosts, for grants that say $self.")
    var login: String?
    @OptionGroup var link: LinkOptions
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let request = IdentityAddRequest(
            kind: "person", name: name, login: login, reason: link.reason)
        try await add(request, link, for: "reeve enrol")
    }
}

struct PersonListCommand: ReeveCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List people.")
    @OptionGroup var common: CommonOptions
    func perform() async throws { try await list("person") }
}

struct PersonSuspendCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend", abstract: "Suspend a person: sessions end and certificates are revoked.")

    @OptionGroup var status: StatusOptions
    @OptionGroup var common: CommonOptions

    func perform() async throws { try await setStatus("suspended", of: status.name, status) }
}

struct PersonResumeCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Resume a suspended person.")

    @OptionGroup var status: StatusOptions
    @OptionGroup var common: CommonOptions

    func perform() async throws { try await setStatus("active", of: status.name, status) }
}

struct PersonLinkCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "link", abstract: "Link a person with their account at an identity provider.")

    @OptionGroup var account: AccountOptions
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let reply = try await account.set(linked: true)
        show(reply, lines: ["\(reply.identity) is linked with \(reply.subject) at \(reply.issuer)."])
    }
}

struct PersonUnlinkCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlink", abstract: "End such a link, and the person's sessions.")

    @OptionGroup var account: AccountOptions
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let reply = try await account.set(linked: false)
        show(
            reply, lines: ["\(reply.identity) is no longer linked with \(reply.subject) at \(reply.issuer)."])
    }
}

/// Whose account, where.
struct AccountOptions: ParsableArguments {
    @Argument(help: "The person's name.")
    var name: String
    @Option(help: "As the server's configuration names it.")
    var provider: String
    @Option(help: "What the provider calls the account for ever (sub), not an e-mail address.")
    var subject: String
    @Option(help: "Why, for those who must agree.")
    var reason: String?
    @Flag(help: "Wait until others have agreed, where they must.")
    var wait = false

    func set(linked: Bool) async throws -> UpstreamLinkReply {
        let request = UpstreamLinkRequest(
            identity: name, provider: provider, subject: subject, linked: linked, reason: reason)
        return try await StateFolder().signedIn(waiting: wait) {
            try await $0.call(.identityUpstream, body: request, as: UpstreamLinkReply.self).0
        }
    }
}
