import ArgumentParser
import CVersion
import Glibc
import HostAgent
import Logging
import Posix
import SSHFormats

/// The command and what all its parts share.
struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reeve-agent",
        abstract: "Keeps one host right: host certificates, trusted CA keys, revocations, sshd's drop-in.",
        version: KEYREEVE_VERSION,
        subcommands: [
            EnrolCommand.self, RunCommand.self, SyncCommand.self, StatusCommand.self, DoctorCommand.self,
            PrincipalsHelp.self, SudoCommand.self, UninstallCommand.self,
        ])
}

/// Shows up in the help; `principals` itself becomes `reeve-principals` before arguments are parsed.
struct PrincipalsHelp: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "principals", abstract: "Answers sshd: the principals that may enter as a login here.")

    @Option(help: "The agent's folder.") var data = AgentSettings.standardData
    @Argument(help: "The login, %u in sshd_config.") var login: String
}

/// Where things stand on this host.
struct PlaceOptions: ParsableArguments {
    @Option(help: "The agent's folder.") var data = AgentSettings.standardData
    @Option(help: "sshd's main configuration file.") var sshdConfig = "/etc/ssh/sshd_config"
    @Option(help: "The drop-in that the agent writes.") var dropIn = "/etc/ssh/sshd_config.d/00-keyreeve.conf"
    @Option(help: "The ssh server.") var sshd = "/usr/sbin/sshd"
    @Option(help: "The user that sshd runs the principals command as.") var commandUser = "nobody"
    @Option(
        name: .customLong("reload"), parsing: .upToNextOption,
        help: "A command that makes sshd read its configuration again (default: SIGHUP by its PidFile).")
    var reload: [String] = []
    @Option(
        help:
            "The file that sshd writes its log to (sshd -E), to tell sessions apart by (default: systemd's journal)."
    )
    var sshdLog: String?

    var settings: AgentSettings {
        AgentSettings(
            data: data, sshdConfig: sshdConfig, dropIn: dropIn, sshd: sshd, program: PrincipalsProgram.path,
            commandUser: commandUser, reload: reload, sshdLog: sshdLog)
    }
}

/// The clock of this host, the only source of time.
@Sendable func currentTime() -> UnixTime { UnixTime(WallClock.now()) }

/// Structured lines on standard error.
func agentLog() -> Logger {
    Logger(label: "reeve-agent") { StreamLogHandler.standardError(label: $0) }
}

/// Exit codes, the same for every program.
enum Exit {
    static let refused = ExitCode(1)
    static let unreachable = ExitCode(3)

    /// Prints the faults and ends with the code that fits them; returns if there are none.
    static func report(_ faults: [Fault]) throws {
        guard !faults.isEmpty else { return }
        throw faults.contains { $0.code == "unreachable" } ? unreachable : refused
    }

    static func wrap<Value>(_ act: () async throws(Fault) -> Value) async throws -> Value {
        do { return try await act() } catch {
            complain("reeve-agent: \(error.text)")
            try report([error])
            throw refused
        }
    }
}

func complain(_ line: String) { StandardStream.errors.write(line + "\n") }
