import ArgumentParser
import Posix

/// `reeve server`: what is done at the server itself, by `reeved`.
struct ServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server", abstract: "Look after the server of this machine.",
        subcommands: [ServerExportCommand.self])
}

/// `reeve server export`
struct ServerExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Move an installation from SQLite to PostgreSQL: reeved export.",
        discussion: "All arguments are those of `reeved export`, which this becomes; see reeved(8).")

    @Argument(parsing: .captureForPassthrough, help: "The arguments of reeved export.")
    var arguments: [String] = []

    func run() async throws {
        let own = try CurrentProcess.executable().split(separator: "/").dropLast()
        let beside = "/" + (own + ["reeved"]).joined(separator: "/")
        let isBeside = (try? DurableFile(beside).access()) != nil
        throw Fault(Program.become(isBeside ? beside : "reeved", ["export"] + arguments))
    }
}
