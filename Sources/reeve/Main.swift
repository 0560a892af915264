import ArgumentParser
import Glibc

/// Runs the command and ends with an exit status of ``ExitStatus``.
@main struct Main {
    static func main() async {
        do {
            var command = try Reeve.parseAsRoot()
            guard var later = command as? any AsyncParsableCommand else {
                try command.run()
                return
            }
            try await later.run()
        } catch {
            end(after: error)
        }
    }

    /// Help and version go to standard output with status 0; a wrong command line is ``ExitStatus/usage``.
    private static func end(after error: any Error) -> Never {
        let code = Reeve.exitCode(for: error)
        let message = Reeve.fullMessage(for: error)
        guard code != .success else {
            print(message)
            exit(0)
        }
        if !message.isEmpty { Output.note(message) }
        exit(code == .validationFailure ? ExitStatus.usage.rawValue : code.rawValue)
    }
}

/// The root of all commands.
struct Reeve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reeve",
        abstract: "Short-lived SSH certificates: sign in, log in to hosts, look after the authority.",
        discussion: """
            Exit status: 0 done, 1 refused, 2 wrong usage, 3 authority unreachable, 4 a person must sign in.
            The state is kept in $REEVE_HOME, else $XDG_STATE_HOME/reeve, else ~/.local/state/reeve.
            """,
        subcommands: [
            EnrolCommand.self, LoginCommand.self, LogoutCommand.self, WhoAmICommand.self, SSHCommand.self,
            SSHConfigCommand.self, CertCommand.self, InspectCommand.self, ExplainCommand.self,
            RevokeCommand.self, PersonCommand.self, HostCommand.self, LinkCommand.self, PolicyCommand.self,
            AuditCommand.self,
        ])
}
