import ArgumentParser

/// `reeve inspect`
struct InspectCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a file holds: a key, a certificate, a KRL or a checkpoint.",
        discussion: "Of a private key only the public half is shown. Nothing is asked of the authority.")

    @Argument(help: "File; - is standard input.")
    var file: String
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let bytes = try InputFile(path: file).readAll(limit: 64 << 20)
        switch try Inspected(bytes) {
        case .key(let facts): show(facts, lines: facts.lines)
        case .certificate(let facts): show(facts, lines: facts.lines)
        case .krl(let facts): show(facts, lines: facts.lines)
        case .checkpoint(let facts): show(facts, lines: facts.lines)
        }
    }
}
