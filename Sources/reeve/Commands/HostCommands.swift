import ArgumentParser
import AuthorityAPI

struct HostAddCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a host and print the link for its agent.")

    @Argument(help: "Name, as its certificate says it: web1.example.com")
    var name: String
    @Option(help: ArgumentHelp("Label; may be repeated. Without any: group=default.", valueName: "key=value"))
    var label: [String] = []
    @Option(help: "Another name; may be repeated.")
    var alias: [String] = []
    @Option(help: "Numeric address; may be repeated.")
    var address: [String] = []
    @OptionGroup var link: LinkOptions
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let request = IdentityAddRequest(
            kind: "host", name: name, aliases: alias, addresses: address,
            labels: label.isEmpty ? ["group=default"] : label, reason: link.reason)
        try await add(request, link, for: "reeve-agent enrol")
    }
}

struct HostListCommand: ReeveCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List hosts.")
    @OptionGroup var common: CommonOptions
    func perform() async throws { try await list("host") }
}

struct HostSuspendCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend", abstract: "Suspend a host: its certificates are revoked.")

    @OptionGroup var status: StatusOptions
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        try await setStatus("suspended", of: "host:\(status.name)", status)
    }
}

struct HostResumeCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Resume a suspended host.")

    @OptionGroup var status: StatusOptions
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        try await setStatus("active", of: "host:\(status.name)", status)
    }
}
