import Posix

/// Recovery codes that were made along with new factors.
enum NewRecoveryCodes {
    /// Shown once, at the terminal alone, or in the file that was named.
    static func announce(_ codes: [String], file: String?) throws {
        guard !codes.isEmpty else { return }
        if let file {
            try DurableFile(file).write(Array((codes.joined(separator: "\n") + "\n").utf8), mode: 0o600)
            return
        }
        guard let terminal = Terminal() else { return }
        terminal.show("Recovery codes, for the day when your authenticator app is gone. Write them down:\n\n")
        for code in codes { terminal.show("  \(code)\n") }
        terminal.show("\n")
    }
}
