import ArgumentParser
import CVersion
import Foundation
import Posix

/// Hardens the process while it has one thread only: what prctl(2) takes away counts for that thread and those that it
/// starts. Then runs the command; a wrong command line ends with status 2.
@main struct Main {
    static func main() async {
        do {
            if !ProcessHardening.isRoot { try ProcessHardening.apply() }
            var command = try Reeved.parseAsRoot()
            guard var later = command as? any AsyncParsableCommand else { return try command.run() }
            try await later.run()
        } catch {
            guard Reeved.exitCode(for: error) == .validationFailure else { Reeved.exit(withError: error) }
            Console.usage(Reeved.fullMessage(for: error))
            exit(2)
        }
    }
}

struct Reeved: AsyncParsableCommand {
    static let version = KEYREEVE_VERSION

    static let configuration = CommandConfiguration(
        commandName: "reeved",
        abstract: "The Keyreeve authority: short-lived SSH certificates, policy, ledger.",
        version: version,
        subcommands: [
            Serve.self, Doctor.self, ShowConfiguration.self, Restore.self, Export.self, Prune.self,
        ])
}

struct ShowConfiguration: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Prints the commented configuration file with every default.")

    @Flag(help: "Check the given file instead; all its faults are reported at once.")
    var check = false

    @Option(name: .customLong("config"), help: "The configuration file (TOML).")
    var file: String?

    func run() throws {
        guard check else { return print(Configuration.commentedFile, terminator: "") }
        guard let file else { throw ValidationError("--check needs --config FILE") }
        do {
            _ = try Configuration.read(file)
            print("\(file): no faults")
        } catch {
            Console.complain(error)
            throw ExitCode(1)
        }
    }
}
