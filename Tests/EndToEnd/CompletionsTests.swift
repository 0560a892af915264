import Foundation
import Testing

@Suite struct `Completions` {
    /// The suggestions of bash for a line, with the script loaded as a shell would.
    private func bash(_ line: String) async throws -> Set<String> {
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        let script = """
            source <("$0" completions bash) || exit 9
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
            "$(complete -p reeve | sed 's/.*-F \\([^ ]*\\) .*/\\1/')" reeve "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let ending = try await Program.run("/bin/bash", ["-c", script, Program.path("reeve")] + words)
        #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)")
        return Set(ending.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) })
    }

    @Test func `of bash load, and complete commands and options`() async throws {
        #expect(try await bash("reeve insp") == ["inspect"])
        #expect(try await bash("reeve audit v") == ["verify"])
        #expect(try await bash("reeve audit verify --key-") == ["--key-file"])
        #expect(try await bash("reeve completions z") == ["zsh"])
    }

    private static let others = ["zsh", "fish"]

    @Test(
        .enabled(
            if: others.allSatisfy { FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)") },
            "needs zsh and fish: make setup"), arguments: others)
    func `are a script of that shell`(_ shell: String) async throws {
        let printed = try await Program.run("reeve", ["completions", shell])
        #expect(printed.status == 0 && printed.output.contains("inspect"))
        let scratch = Scratch()
        let script = try scratch.write(printed.output, to: "script")
        let read = try await Program.run("/usr/bin/\(shell)", ["-n", script])
        #expect(read.status == 0, "\(read.errors)")
    }

    @Test func `of other shells are refused as wrong usage`() async throws {
        #expect(try await Program.run("reeve", ["completions", "tcsh"]).status == 2)
    }

    @Test(arguments: ["reeve-agent", "reeve-signer", "reeved"])
    func `of the other programs are printed by themselves`(_ program: String) async throws {
        let printed = try await Program.run(program, ["--generate-completion-script", "bash"])
        #expect(printed.status == 0 && printed.output.contains("complete -o"), "\(printed.errors)")
    }
}
