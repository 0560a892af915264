import Foundation

/// ssh-audit from PyPI, in a folder of its own below `.build`.
enum SSHAudit {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(".build/ssh-audit")
        .path
    static let program = "\(folder)/bin/ssh-audit"

    /// Installs it where it is missing. Without a network it stays so.
    static func isPresent() async -> Bool {
        if FileManager.default.isExecutableFile(atPath: program) { return true }
        guard let made = try? await Program.run("/usr/bin/env", ["python3", "-m", "venv", folder]),
            made.status == 0,
            let installed = try? await Program.run(
                "\(folder)/bin/pip",
                ["install", "-q", "--retries", "0", "--timeout", "10", "ssh-audit==3.9.0"])
        else { return false }
        return installed.status == 0
    }
}
