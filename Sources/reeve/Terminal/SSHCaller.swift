import AuthorityClient
import Glibc
import Posix

/// The ssh that asks by `Match exec`: the process above this one.
struct SSHCaller {
    /// Its program, whatever PATH says.
    let program: String
    let line: SSHCommandLine

    /// What it would do, by its arguments and its whole configuration.
    struct Intent {
        let login: String
        /// It must ask nobody.
        let isBatch: Bool
        /// Where a master would listen that has a connection already.
        let controlPath: String?
    }

    /// nil when the process above is not ssh.
    init?() {
        let folder = "/proc/\(getppid())"
        guard let program = LinkFolder.target(of: "\(folder)/exe"), program.hasSuffix("/ssh"),
            let bytes = try? DurableFile("\(folder)/cmdline").read(limit: 1 << 21)
        else { return nil }
        self.program = program
        let words = bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast()
        line = SSHCommandLine(words.dropFirst().map { String(decoding: $0, as: UTF8.self) })
    }

    /// Asks it (`ssh -G`); nil if it does not say. What that one asks of us by the same block is answered with no.
    func intent() -> Intent? {
        _ = unsafe setenv("REEVE_FETCH", "off", 1)
        guard let text = try? Program.output(of: program, line.asQuestion) else { return nil }
        var facts: [Substring: Substring] = [:]
        for line in text.split(separator: "\n") {
            guard let space = line.firstIndex(of: " ") else { continue }
            facts[line[..<space]] = line[line.index(after: space)...]
        }
        guard let login = facts["user"], let batch = facts["batchmode"] else { return nil }
        let path = facts["controlpath"].map(String.init)
        return Intent(
            login: String(login), isBatch: batch != "no", controlPath: path == "none" ? nil : path)
    }
}

extension SSHCaller.Intent {
    /// Whether a master has a connection, so that no certificate is needed.
    var hasMaster: Bool {
        guard let controlPath, let connection = try? UnixConnection.connect(controlPath) else { return false }
        return withExtendedLifetime(connection) { true }
    }
}
