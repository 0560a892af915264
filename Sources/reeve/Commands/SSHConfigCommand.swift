import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Posix

/// `reeve ssh-config`
struct SSHConfigCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "ssh-config",
        abstract: "Print what ~/.ssh/config needs so that plain ssh uses the certificates.",
        discussion: "Covers the hosts of the last login. With --write, one Include line is enough for good.")

    @Flag(help: "Install it in the state folder and print the Include line.")
    var write = false
    @OptionGroup var common: CommonOptions

    struct Report: Encodable {
        let config: String
        let path: String?
        let include: String?
    }

    func perform() async throws {
        let state = try StateFolder()
        guard let reach = try state.reach() else {
            throw Fault(
                .needsSignIn, "it is not known yet which hosts there are", next: "Sign in: reeve login")
        }
        try state.keep(reach)
        let text = try SSHConfigText(folder: state.path).block(for: try reach.knownHosts())
        guard write else {
            show(Report(config: text, path: nil, include: nil), lines: [String(text.dropLast())])
            return
        }
        let file = state.file("ssh_config")
        try file.write(Array(text.utf8), mode: 0o600)
        let include = SSHConfigText.include(file.path)
        show(Report(config: text, path: file.path, include: include), lines: [include])
    }
}
