import ArgumentParser

/// `reeve inspect`
struct InspectCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract:
            "Show what a file holds: a key, certificate, KRL, signature, checkpoint, token, host state, or lines of keys.",
        discussion: """
            Of a private key only the public half is shown. Nothing is asked of the authority, and only what a thing says of \
            itself is checked.
            """)

    @Argument(help: "File; - is standard input.", completion: .file())
    var file: String
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let facts = try Inspected.facts(of: try InputFile(path: file).readAll(limit: 64 << 20))
        show(facts, lines: facts.lines)
    }
}
