import ArgumentParser
import Glibc
import Posix
import SSHDoor

/// `reeve-door stdio`: the door behind a stock sshd.
struct Stdio: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Be what a stock sshd runs for everybody who comes (ForceCommand).",
        discussion: "Docs/FRONT-DOOR.md says how sshd has to be set up.")

    @Option(name: .customLong("data"), help: "Folder of the door's keys.")
    var folder: String

    @OptionGroup var place: AuthorityPlace

    func run() async throws {
        let (door, connection) = try DoorEnding.reported {
            try ProcessHardening.apply()
            let found = StdioDoor.Connection(
                connection: Self.value("SSH_CONNECTION"), command: Self.value("SSH_ORIGINAL_COMMAND"),
                agentSocket: Self.value("SSH_AUTH_SOCK"))
            guard let found else {
                throw DoorFault("not started by an sshd: see ForceCommand in sshd_config(5)")
            }
            return (
                StdioDoor(try DoorFiles(folder), servers: try place.servers(), trust: try place.trust()),
                found
            )
        }
        throw ExitCode(try await door.run(connection))
    }

    private static func value(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}
