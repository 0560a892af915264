import AuthorityAPI
import AuthorityClient
import Glibc
import Posix

extension StateFolder {
    static let sshConfigFile = "ssh_config"

    /// The block for the hosts of the last login.
    func sshConfig(for reach: ReachReply) throws -> String {
        try SSHConfigText(folder: path).block(
            for: try reach.knownHosts(), door: try reach.knownDoor(),
            fetch: try .ours(state: isChosen ? path : nil))
    }
}

extension SSHFetchCommand {
    /// `reeve-fetch` beside this program; where it is not installed, this program itself, which takes longer to start.
    static func ours(state: String?) throws -> SSHFetchCommand {
        let program = try CurrentProcess.executable()
        guard let slash = program.lastIndex(of: "/") else { return try direct(program, state) }
        let helper = program[...slash] + "reeve-fetch"
        guard unsafe access(String(helper), X_OK) == 0 else { return try direct(program, state) }
        return try SSHFetchCommand(String(helper), state: state)
    }

    private static func direct(_ program: String, _ state: String?) throws -> SSHFetchCommand {
        try SSHFetchCommand(program, ["fetch", "--"], state: state)
    }
}
