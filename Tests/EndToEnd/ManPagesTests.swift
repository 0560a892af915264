import Foundation
import Testing

/// The manual and the programs, held against each other both ways.
@Suite struct `The man pages` {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Docs/man").path

    private static let pages = [
        "reeve": "reeve.1", "reeve-agent": "reeve-agent.8", "reeve-signer": "reeve-signer.8",
        "reeved": "reeved.8", "reeve-principals": "reeve-principals.8", "reeve-pam": "reeve-pam.8",
        "reeve-door": "reeve-door.8", "reeve-fetch": "reeve-fetch.1", "pam_reeve": "pam_reeve.8",
    ]

    /// What the argument parser says about a command.
    private struct Command: Decodable {
        struct Argument: Decodable {
            struct Name: Decodable {
                let kind: String
                let name: String
            }
            let names: [Name]?
            let shouldDisplay: Bool
        }
        let commandName: String
        let arguments: [Argument]?
        let subcommands: [Command]?
        let shouldDisplay: Bool?

        var shown: [Command] {
            (subcommands ?? []).filter { $0.shouldDisplay != false && $0.commandName != "help" }
        }

        var options: Set<String> {
            let own = (arguments ?? []).filter(\.shouldDisplay).flatMap { $0.names ?? [] }
                .map { ($0.kind == "long" ? "--" : "-") + $0.name }
            return shown.reduce(into: Set(own)) { $0.formUnion($1.options) }
        }

        /// `audit verify`, without the program's own name.
        func paths(_ before: [String] = []) -> [String] {
            shown.flatMap { command in
                let path = before + [command.commandName]
                return [path.joined(separator: " ")] + command.paths(path)
            }
        }
    }

    private struct Dump: Decodable { let command: Command }

    private func command(_ program: String) async throws -> Command {
        let dump = try await Program.run(program, ["--experimental-dump-help"])
        return try JSONDecoder().decode(Dump.self, from: Data(dump.output.utf8)).command
    }

    /// The text of a page without fonts, quotation marks and escapes.
    private func text(of program: String) throws -> String {
        let page = try #require(Self.pages[program])
        return try String(contentsOfFile: "\(Self.folder)/\(page)", encoding: .utf8)
            .replacing(/\\f./, with: "").replacing("\\-", with: "-").replacing("\"", with: "")
    }

    @Test(arguments: ["reeve", "reeve-agent", "reeve-signer", "reeve-pam", "reeve-door", "reeved"])
    func `name every command and option that the program has, and no other`(_ program: String) async throws {
        let command = try await command(program)
        let text = try text(of: program)
        let words = Set(text.split { !($0.isLetter || $0.isNumber || $0 == "-") }.map(String.init))
        #expect(command.options.subtracting(words) == [], "options that the page misses")
        // One parameter stands for another in `person list`, `suspend`, …: the words of each path are there.
        for path in command.paths() {
            #expect(path.split(separator: " ").allSatisfy { words.contains(String($0)) }, "\(path)")
        }
        let told = words.filter { $0.hasPrefix("--") && $0.count > 2 }
        #expect(told.subtracting(command.options) == [], "options that only the page has")
    }

    @Test func `name what reeve-principals takes`() async throws {
        let usage = try await Program.run("reeve-principals", [])
        #expect(usage.status == 2)
        let text = try text(of: "reeve-principals")
        for option in usage.errors.matches(of: /--[a-z]+/).map({ String($0.output) }) + ["--version"] {
            #expect(text.contains(option))
        }
        #expect(text.matches(of: /--[a-z]+/).allSatisfy { ["--data", "--version"].contains($0.output) })
    }

    private static let mandoc = "/usr/bin/mandoc"

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: mandoc), "make setup installs mandoc"),
        arguments: pages.values.sorted(), [["-T", "lint", "-W", "warning"], ["-T", "utf8"]])
    func `are read by mandoc without a warning`(_ page: String, _ options: [String]) async throws {
        let ending = try await Program.run(Self.mandoc, options + ["\(Self.folder)/\(page)"])
        #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
    }
}
