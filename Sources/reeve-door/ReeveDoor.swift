import ArgumentParser
import AuthorityAPI
import AuthorityClient
import CVersion
import Glibc
import Posix
import SSHDoor

/// Runs the command; a wrong command line ends with status 2.
@main struct Main {
    static func main() async {
        do {
            var command = try ReeveDoor.parseAsRoot()
            if var command = command as? any AsyncParsableCommand { return try await command.run() }
            try command.run()
        } catch {
            guard ReeveDoor.exitCode(for: error) == .validationFailure else {
                ReeveDoor.exit(withError: error)
            }
            StandardError.write("\(ReeveDoor.fullMessage(for: error))\n")
            exit(2)
        }
    }
}

/// The front door: sign-in and certificates for any ssh client, with nothing installed.
struct ReeveDoor: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reeve-door",
        abstract: "The front door of a Keyreeve authority for any ssh client.",
        discussion: """
            `ssh -A DOOR` signs in and puts certificates into the forwarded agent. It has no right of its own: it asks the \
            authority as any client does, and vouches for the address that its own client comes from.
            """,
        version: KEYREEVE_VERSION,
        subcommands: [Serve.self, Keys.self, Stdio.self, WorkerCommand.self])
}

/// Where the authority is.
struct AuthorityPlace: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where the authority answers, https://HOST:PORT; may be repeated.", valueName: "url"))
    var server: [String]

    @Option(
        help: ArgumentHelp(
            "The authority's TLS root (tls-root.pem). Without it the roots of the system count.",
            valueName: "file"))
    var root: String?

    func servers() throws -> [ServerAddress] {
        do { return try server.map { try ServerAddress($0) } } catch {
            throw DoorFault("--server: an address https://HOST:PORT in lower case")
        }
    }

    func trust() throws -> ServerTrust {
        guard let root else { return .web }
        let bytes = try DurableFile(root).read(limit: 65_536, symbolicLinks: .follow)
        return .root(pem: String(decoding: bytes, as: UTF8.self))
    }

    /// The same, for another process.
    var arguments: [String] { server.flatMap { ["--server", $0] } + (root.map { ["--root", $0] } ?? []) }
}

/// How faults end the program: a sentence on standard error, and 1, or 3 where the system said no.
enum DoorEnding {
    static func reported<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let error as DoorFault {
            StandardError.write("reeve-door: \(error)\n")
            throw ExitCode(1)
        } catch let error as PosixError {
            StandardError.write("reeve-door: \(error)\n")
            throw ExitCode(3)
        }
    }
}
