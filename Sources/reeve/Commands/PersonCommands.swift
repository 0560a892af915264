import ArgumentParser
import AuthorityAPI

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
        try await add(IdentityAddRequest(kind: "person", name: name, login: login), link, for: "reeve enrol")
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

    func perform() async throws { try await setStatus("suspended", of: status.name, reason: status.reason) }
}

struct PersonResumeCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Resume a suspended person.")

    @OptionGroup var status: StatusOptions
    @OptionGroup var common: CommonOptions

    func perform() async throws { try await setStatus("active", of: status.name, reason: status.reason) }
}
