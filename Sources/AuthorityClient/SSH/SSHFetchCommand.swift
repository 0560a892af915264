/// What ssh's `Match exec` runs before it goes to a host of ours: `reeve-fetch STATE HOST LOGIN`.
///
/// The shell of the person reads the line after ssh has put in what its `%` words stand for. So the only such word is the
/// login, in single quotes, and only where it holds neither a quote nor a backslash: a stranger may have chosen it, in the
/// address of a submodule for one. Host names and paths are those that were checked when the line was written.
package struct SSHFetchCommand: Hashable, Sendable {
    /// Without its last words: host and login.
    private let words: [String]

    /// - Parameters:
    ///   - program: Absolute path, and the arguments before ours.
    ///   - state: The folder of `reeve`; nil for the one that the environment gives.
    /// - Throws: ``SSHConfigError/badPath(_:)`` for a path that does not stay as it is, in ssh_config or in a shell.
    package init(_ program: String, _ before: [String] = [], state: String?) throws(SSHConfigError) {
        words = [try Self.checked(program)] + before + [try state.map(Self.checked) ?? "-"]
    }

    /// The criteria, in the order in which ssh looks at them: nothing is run for other hosts.
    ///
    /// `exec`, so that the program's parent is ssh, whatever the shell.
    package func match(_ host: KnownHost) -> String {
        let command = (words + [host.name, "%r"]).map { "'\($0)'" }.joined(separator: " ")
        let names = host.names.joined(separator: ",")
        return "Match originalhost \(names) user \"!*'*,!*\\*,*\" exec \"exec \(command)\""
    }

    private static func checked(_ path: String) throws(SSHConfigError) -> String {
        guard !path.utf8.contains(UInt8(ascii: "'")) else { throw .badPath(path) }
        return try SSHConfigText.checked(path)
    }
}
