import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Posix

/// `reeve ssh-config`
struct SSHConfigCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "ssh-config",
        abstract: "Print what ~/.ssh/config needs so that plain ssh uses the certificates.",
        discussion: """
            Where no good certificate is held, ssh has one fetched first. Covers the hosts that could be reached when last \
            asked. With --write, one Include line is enough for good. With --system, all active hosts are covered, for everybody \
            on a machine: an admin puts the files of --into on laptops that have reeve where it is here.
            """)

    @Flag(help: "Install it in the state folder and print the Include line.")
    var write = false
    @Flag(help: "Print what a whole machine needs; for admins and auditors.")
    var system = false
    @Option(
        help: ArgumentHelp(
            "With --system: write it into this folder, mostly \(SystemSSHConfig.standardFolder).",
            valueName: "folder"))
    var into: String?
    @OptionGroup var common: CommonOptions

    struct Report: Encodable {
        let config: String
        let path: String?
        let include: String?
    }

    func validate() throws {
        guard !(write && system) else { throw ValidationError("Give --write or --system, not both.") }
        guard into == nil || system else { throw ValidationError("--into needs --system.") }
    }

    func perform() async throws {
        let state = try StateFolder()
        guard !system else { return try await showSystem(state) }
        guard let reach = try state.reach() else {
            throw Fault(
                .needsSignIn, "it is not known yet which hosts there are", next: "Sign in: reeve login")
        }
        try state.keep(reach)
        let text = try state.sshConfig(for: reach)
        guard write else {
            show(Report(config: text, path: nil, include: nil), text: String(text.dropLast()))
            return
        }
        let file = state.file(StateFolder.sshConfigFile)
        try file.write(Array(text.utf8), mode: 0o600)
        let include = SSHConfigText.include(file.path)
        show(Report(config: text, path: file.path, include: include), lines: [include])
    }

    private func showSystem(_ state: StateFolder) async throws {
        let facts = try await state.signedIn { try await SystemSSHConfig.Facts($0) }
        let config = try SystemSSHConfig(facts, folder: into ?? SystemSSHConfig.standardFolder)
        guard into != nil else {
            show(config.report, text: config.preview.joined(separator: "\n"))
            return
        }
        try config.install()
        show(config.report, lines: ["hosts: \(facts.hosts.count)"] + config.files.map { "wrote \($0.path)" })
    }
}
