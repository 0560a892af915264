import ArgumentParser
import CVersion
import Glibc
import Posix

/// Runs the command; a wrong command line ends with status 2.
@main struct Main {
    static func main() {
        do {
            var command = try ReeveSigner.parseAsRoot()
            try command.run()
        } catch {
            guard ReeveSigner.exitCode(for: error) == .validationFailure else {
                ReeveSigner.exit(withError: error)
            }
            StandardError.write("\(ReeveSigner.fullMessage(for: error))\n")
            exit(2)
        }
    }
}

/// The program that holds the authority's private keys.
struct ReeveSigner: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reeve-signer",
        abstract: "Holds the private keys of the authority and signs what their profiles allow.",
        discussion: """
            The keys are sealed in the folder with a key file. Whoever holds the key file decides what may be signed; \
            whoever reaches the socket can only ask. Docs/SIGNER-PROTOCOL.md describes the socket.
            """,
        version: KEYREEVE_VERSION,
        subcommands: [
            Serve.self, Unlock.self, Initialize.self, Keys.self, ProfileCommand.self, LogCommand.self,
            Check.self,
        ])
}

/// Where the keys are.
struct Location: ParsableArguments {
    @Option(name: .customLong("data"), help: "Folder of the sealed files.")
    var folder: String

    @Option(help: "File with the 32 bytes that open them.")
    var keyFile: String
}
