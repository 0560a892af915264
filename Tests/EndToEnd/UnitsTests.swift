import Foundation
import Posix
import Testing

/// Docs/INSTALL.md under a real systemd, by `Scripts/units-check.sh`.
@Suite(
    .servers, .timeLimit(.minutes(20)), .enabled(if: ProcessHardening.isRoot, "only root starts systemd"))
struct `The units under systemd` {
    @Test func `Y04 are installed, killed, stopped and started, and people log in`() async throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let checked = try await Program.run(
            "/bin/bash", ["\(root)/Scripts/units-check.sh"],
            environment: ["KEYREEVE_BIN": Program.folder, "KEYREEVE_SKIP_STATUS": "77"])
        guard checked.status != 77 else { return print(checked.output) }
        #expect(checked.status == 0, "\(checked.output.suffix(20_000)) \(checked.errors.suffix(5_000))")
    }
}
