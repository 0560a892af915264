import ArgumentParser
import HostAgent

/// Whether sudo asks for the certificate of the login.
struct SudoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sudo",
        abstract: "Has sudo ask whether the certificate of the login still counts, or not.",
        subcommands: [SudoEnableCommand.self, SudoDisableCommand.self, SudoStatusCommand.self])
}

/// Where PAM and sudo keep their files.
struct SudoPlaceOptions: ParsableArguments {
    @Option(help: "The socket that pam_reeve.so asks on (default: /run/reeve-agent/pam.sock).")
    var pamSocket: String?
    @Option(help: "The folder of PAM stacks.") var pamFolder = "/etc/pam.d"
    @Option(help: "Path of pam_reeve.so (default: where `make install` puts it).") var pamModule: String?
    @Option(help: "The file of sudo's rules that is written.") var sudoRules = "/etc/sudoers.d/zz-keyreeve"

    func installer(_ settings: AgentSettings) -> SudoInstaller {
        var settings = settings
        if let pamSocket { settings.pamSocket = pamSocket }
        var places = SudoInstaller.Places()
        places.stacks = pamFolder
        places.module = pamModule
        places.rules = sudoRules
        return SudoInstaller(settings, places)
    }
}

struct SudoEnableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Members of the groups need a certificate that counts at sudo.")

    @OptionGroup var place: PlaceOptions
    @OptionGroup var sudo: SudoPlaceOptions
    @Option(help: "A group of this host; may be repeated.") var group: [String]

    func run() async throws {
        try await Exit.wrap { () async throws(Fault) in
            try sudo.installer(place.settings).enable(groups: group)
        }
        print("sudo asks members of \(group.joined(separator: ", ")) for the certificate of their login")
        print("open sessions are not known yet: log in again, and keep this one until `sudo` works there")
    }
}

struct SudoDisableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Makes sudo as it was before.")

    @OptionGroup var place: PlaceOptions
    @OptionGroup var sudo: SudoPlaceOptions

    func run() async throws {
        try await Exit.wrap { () async throws(Fault) in try sudo.installer(place.settings).disable() }
        print("sudo asks for no certificate any more")
    }
}

struct SudoStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows which stacks ask, and whether the agent answers.")

    @OptionGroup var place: PlaceOptions
    @OptionGroup var sudo: SudoPlaceOptions

    func run() async throws {
        let status = try await Exit.wrap { () async throws(Fault) in
            try sudo.installer(place.settings).status()
        }
        for (path, asks) in status.stacks.sorted(by: { $0.key < $1.key }) {
            print("\(path) \(asks ? "asks" : "does NOT ask")")
        }
        print("groups \(status.groups.isEmpty ? "none" : status.groups.joined(separator: " "))")
        print("rules \(status.hasRules ? "in place" : "MISSING")")
        print("agent \(status.isAnswering ? "answers" : "does NOT answer")")
        guard status.isWhole else { throw Exit.refused }
    }
}
