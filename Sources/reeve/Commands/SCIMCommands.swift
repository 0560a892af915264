import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Posix

/// `reeve scim`
struct SCIMCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scim", abstract: "Identity providers that push people and groups by SCIM; for admins.",
        subcommands: [
            SCIMTokenCommand.self, SCIMListCommand.self, SCIMRevokeCommand.self, SCIMGiveCommand.self,
            SCIMTakeCommand.self,
        ])
}

struct SCIMTokenCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make a token for a provider, and the provider if it is new.")

    @Argument(help: "What the provider is called here.")
    var name: String
    @Option(help: "Single sign-on of the server's configuration whose sub is the externalId in SCIM.")
    var provider: String?
    @Option(help: "How many days it counts, 1 to 730.")
    var days: UInt64 = 365
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write it to this file (0600) instead of printing it.", valueName: "path"))
    var output: String?
    @Option(help: "Why, for those who must agree.")
    var reason: String?
    @Flag(help: "Wait until others have agreed, where they must.")
    var wait = false
    @OptionGroup var common: CommonOptions

    private struct Report: Encodable {
        let name: String
        let id: String
        let notAfter: UInt64
    }

    func perform() async throws {
        let request = ProvisionerTokenRequest(name: name, provider: provider, days: days, reason: reason)
        let reply = try await StateFolder().signedIn(waiting: wait) {
            try await $0.call(.provisionerToken, body: request, as: ProvisionerTokenReply.self).0
        }
        let head = "token \(reply.id) of \(reply.name) counts until \(Moment.text(reply.notAfter))"
        guard let output else {
            return show(reply, lines: [head + "; it is not shown again:", reply.token])
        }
        try DurableFile(output).write(Array((reply.token + "\n").utf8), mode: 0o600)
        show(
            Report(name: reply.name, id: reply.id, notAfter: reply.notAfter),
            lines: [head + "; it is in \(output)."])
    }
}

struct SCIMListCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List providers and their tokens.")

    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let reply = try await StateFolder().signedIn {
            try await $0.call(.provisioners, as: ProvisionerListReply.self).0
        }
        let rows = reply.provisioners.flatMap { found in
            [[found.name, found.status, found.issuer ?? "-"]]
                + found.tokens.map { token in
                    let end = token.endedAt.map { "revoked " + Moment.text($0) }
                    return [
                        "  " + token.id, end ?? "until " + Moment.text(token.notAfter), "by " + token.madeBy,
                    ]
                }
        }
        show(reply, table: Table(rows: rows))
    }
}

struct SCIMRevokeCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "End one token of a provider, or all.")

    @Argument(help: "What the provider is called here.")
    var name: String
    @Option(help: "The id of one token, as list shows it; without it all end.")
    var token: String?
    @Option(help: "Why, for those who must agree.")
    var reason: String?
    @Flag(help: "Wait until others have agreed, where they must.")
    var wait = false
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let request = ProvisionerRevokeRequest(name: name, token: token, reason: reason)
        let reply = try await StateFolder().signedIn(waiting: wait) {
            try await $0.call(.provisionerRevoke, body: request, as: ProvisionerReply.self).0
        }
        let left = reply.tokens.count { $0.endedAt == nil }
        show(reply, lines: ["\(reply.name) has \(left) \(left == 1 ? "token" : "tokens") left."])
    }
}

struct SCIMGiveCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "give", abstract: "Give a person who is here already into a provider's hands.")

    @Argument(help: "What the provider is called here.")
    var name: String
    @Argument(help: "The person.")
    var person: String
    @Option(help: "What the provider calls them, by which it finds them.")
    var userName: String
    @Option(help: "Why, for those who must agree.")
    var reason: String?
    @Flag(help: "Wait until others have agreed, where they must.")
    var wait = false
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let request = ProvisionerPersonRequest(
            name: name, person: person, userName: userName, given: true, reason: reason)
        let reply = try await StateFolder().signedIn(waiting: wait) {
            try await $0.call(.provisionerPerson, body: request, as: ProvisionerPersonReply.self).0
        }
        show(
            reply, lines: ["\(reply.name) now decides whether \(reply.person) may act, as \(reply.userName)."]
        )
    }
}

struct SCIMTakeCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "take", abstract: "Take a person out of a provider's hands; they stay as they are.")

    @Argument(help: "What the provider is called here.")
    var name: String
    @Argument(help: "The person.")
    var person: String
    @Option(help: "Why, for those who must agree.")
    var reason: String?
    @Flag(help: "Wait until others have agreed, where they must.")
    var wait = false
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let request = ProvisionerPersonRequest(
            name: name, person: person, userName: nil, given: false, reason: reason)
        let reply = try await StateFolder().signedIn(waiting: wait) {
            try await $0.call(.provisionerPerson, body: request, as: ProvisionerPersonReply.self).0
        }
        show(reply, lines: ["\(reply.name) decides nothing about \(reply.person) any more."])
    }
}
