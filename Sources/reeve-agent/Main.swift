import ArgumentParser
import Glibc
import HostAgent

/// Older drop-ins name `reeve-agent principals`, so that word is answered before anything else is set up.
@main struct Main {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == "principals" {
            complain("reeve-agent: \(PrincipalsProgram.become(Array(arguments.dropFirst())).text)")
            exit(1)
        }
        await run(arguments)
    }

    /// Ends with 2 for wrong usage, as all our commands do.
    private static func run(_ arguments: [String]) async {
        do {
            var command = try AgentCommand.parseAsRoot(arguments)
            guard var command = command as? any AsyncParsableCommand else { return try command.run() }
            try await command.run()
        } catch {
            guard AgentCommand.exitCode(for: error) == .validationFailure else {
                AgentCommand.exit(withError: error)
            }
            complain(AgentCommand.fullMessage(for: error))
            exit(2)
        }
    }
}
