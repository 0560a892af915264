import ArgumentParser
import CVersion
import Dispatch
import Glibc
import Posix

/// Runs the command and ends with an exit status of ``ExitStatus``.
///
/// Not an asynchronous main, which would start threads, and `ssh` is answered before the command line is parsed, which
/// takes as long as all the rest: with a certificate at hand `reeve ssh` needs neither.
@main struct Main {
    static func main() {
        CurrentProcess.holdStandardDescriptors()
        let arguments = WaitOptions.spelledOut(Array(CommandLine.arguments.dropFirst()))
        let isSSH = arguments.first == "ssh"
        do {
            if isSSH { try SSHCommand.enterIfReady(Array(arguments.dropFirst())) }
        } catch {
            end(after: error)
        }
        Task {
            if isSSH { await ssh(Array(arguments.dropFirst())) } else { await run(arguments) }
            exit(0)
        }
        dispatchMain()
    }

    private static func ssh(_ arguments: [String]) async {
        do { try await SSHCommand.enter(arguments) } catch { end(after: error) }
    }

    private static func run(_ arguments: [String]) async {
        do {
            var command = try Reeve.parseAsRoot(arguments)
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
        if let fault = error as? Fault {
            Output.complain(fault)
            exit(fault.status.rawValue)
        }
        let code = Reeve.exitCode(for: error)
        let message = Reeve.fullMessage(for: error)
        guard code != .success else {
            print(message)
            exit(0)
        }
        let isUsage = code == .validationFailure
        if isUsage, CommandLine.arguments.contains("--json") {
            let line = message.split(separator: "\n").first.map(String.init) ?? "a wrong command line"
            let happened = line.hasPrefix("Error: ") ? String(line.dropFirst(7)) : line
            Output.note(Output.json(Fault(.usage, happened, next: "See --help of the command.").report))
        } else if !message.isEmpty {
            Output.note(message)
        }
        exit(isUsage ? ExitStatus.usage.rawValue : code.rawValue)
    }
}

/// The root of all commands.
struct Reeve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reeve",
        abstract: "Short-lived SSH certificates: sign in, log in to hosts, look after the authority.",
        discussion: """
            Exit status: 0 done, 1 refused, 2 wrong usage, 3 authority unreachable, 4 a person must sign in,
            5 done, but not by all hosts in the time given.
            The state is kept in $REEVE_HOME, else $XDG_STATE_HOME/reeve, else ~/.local/state/reeve.
            """,
        version: KEYREEVE_VERSION,
        subcommands: [
            EnrolCommand.self, LoginCommand.self, LogoutCommand.self, WhoAmICommand.self, SSHCommand.self,
            SSHConfigCommand.self, CertCommand.self, SignCommand.self, VerifyCommand.self,
            SignersCommand.self,
            InspectCommand.self, ExplainCommand.self, DoctorCommand.self,
            RevokeCommand.self, PersonCommand.self, HostCommand.self, LinkCommand.self, DeviceCommand.self,
            FactorCommand.self, RecoveryCommand.self, RecoverCommand.self, SignInCommand.self,
            RequestsCommand.self, ApproveCommand.self, DenyCommand.self, GovernanceCommand.self,
            SCIMCommand.self,
            CACommand.self,
            KeysCommand.self, SessionsCommand.self, PolicyCommand.self,
            AuditCommand.self, ServerCommand.self, CompletionsCommand.self, CheckHeldCommand.self,
            FetchCommand.self,
        ])
}
