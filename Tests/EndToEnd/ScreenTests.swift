import Crypto
import Foundation
import Ledger
import Testing

/// What `reeve` does on a terminal, which `script` plays.
@Suite struct `On a terminal` {
    private let scratch = Scratch()

    /// Everything that the shell command writes to its terminal.
    private func terminal(_ command: String, _ environment: [String: String] = [:]) async throws -> String {
        let ending = try await Program.run(
            "/usr/bin/script", ["-qefc", command, scratch.path("typescript")],
            environment: ["TERM": "xterm", "NO_COLOR": "", "REEVE": Program.path("reeve")].merging(
                environment
            ) { $1 })
        return ending.output
    }

    @Test func `faults are red, unless NO_COLOR, TERM or a pipe say otherwise`() async throws {
        let command = #""$REEVE" inspect /dev/null"#
        #expect(try await terminal(command).contains("\u{1b}[31mreeve:\u{1b}[0m "))
        for plain in [["NO_COLOR": "1"], ["TERM": "dumb"], ["TERM": ""]] {
            #expect(try await !terminal(command, plain).contains("\u{1b}"))
        }
        #expect(try await !terminal(command + " 2>&1 | cat").contains("\u{1b}"))
        #expect(try await !terminal(command + " --json").contains("\u{1b}"))
    }

    @Test(.timeLimit(.minutes(20)))
    func `what takes longer than a second says how far it is, on standard error alone`() async throws {
        let secret = Curve25519.Signing.PrivateKey()
        let key = try VerifierKey(
            name: "ca.example.com", publicKey: Array(secret.publicKey.rawRepresentation))
        let events = (0..<2_000).map { index in
            let bytes = Array("\(index)".utf8)
            return LedgerExport.event(index: UInt64(index), leafHash: .leaf(bytes), bytes: bytes)
        }
        _ = try scratch.write(LedgerExport.header(key) + events.joined(), to: "lines")
        // Gives the export line by line until the progress is seen; then it breaks off, and so the export is bad.
        let feeder = """
            cd "$0"; mkfifo in
            script -qefc '"$REEVE" audit verify - --key "$KEY" <in >out' typescript >/dev/null </dev/null &
            exec 3>in
            while ! grep -q 'KB verified' typescript && read -r line; do
                printf '%s\\n' "$line" >&3
                sleep 0.02  # polls: the terminal tells nobody
            done <lines
            exec 3>&-
            wait
            grep -q 'KB verified' typescript && ! grep -q 'KB verified' out && grep -q '^BAD' out
            """
        let ending = try await Program.run(
            "/bin/bash", ["-c", feeder, scratch.folder],
            environment: ["REEVE": Program.path("reeve"), "KEY": "\(key)", "TERM": "xterm"])
        #expect(ending.status == 0, "\(ending.errors) \(scratch.text("typescript")) \(scratch.text("out"))")
    }
}
