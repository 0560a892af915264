import ArgumentParser
import CVersion
import Glibc
import Posix

/// Runs the command; a wrong command line ends with status 2.
@main struct Main {
    static func main() {
        do {
            var command = try ReevePAM.parseAsRoot()
            try command.run()
        } catch let error as PosixError {
            StandardError.write("reeve-pam: \(error)\n")
            exit(3)
        } catch {
            guard ReevePAM.exitCode(for: error) == .validationFailure else { ReevePAM.exit(withError: error) }
            StandardError.write("\(ReevePAM.fullMessage(for: error))\n")
            exit(2)
        }
    }
}

/// The program that asks the administrator's PAM stack.
struct ReevePAM: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reeve-pam",
        abstract: "Asks this machine's PAM stack who somebody is, for the server.",
        discussion: """
            Modules run in worker processes, one for each conversation, few at a time and none for long: one that hangs or \
            crashes takes nothing with it. Most stacks need root, which the server is not.
            """,
        version: KEYREEVE_VERSION,
        subcommands: [Serve.self, Converse.self])
}

/// Which stack, and for how long.
struct StackOptions: ParsableArguments {
    @Option(help: "Name of the stack, a file in /etc/pam.d.")
    var service = "reeve"

    @Option(help: ArgumentHelp("Folder of stacks in place of /etc/pam.d.", valueName: "folder"))
    var stacks: String?

    @Option(help: "Seconds that one conversation may take, 5 to 300.")
    var seconds: UInt64 = 120

    @Option(help: "User that the stack is asked as where nobody may sign in; need not exist.")
    var standIn = "reeve-nobody"

    func validate() throws {
        guard (5...300).contains(seconds) else { throw ValidationError("--seconds is 5 to 300.") }
        guard Self.isPlain(service) else { throw ValidationError("--service is the name of a file.") }
        guard Self.isPlain(standIn), standIn != "root" else {
            throw ValidationError("--stand-in is the name of a user, and not root.")
        }
    }

    /// The same, for a worker.
    var arguments: [String] {
        ["--service", service, "--seconds", String(seconds), "--stand-in", standIn]
            + (stacks.map { ["--stacks", $0] } ?? [])
    }

    private static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 64 && !name.hasPrefix("-") && !name.hasPrefix(".")
            && name.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-")].contains($0)
            }
    }
}
