import ArgumentParser

/// The measures of `Scripts/bench.sh`: each prints JSON lines, one measured figure a line. Not shipped.
@main struct Main: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reeve-bench", abstract: "Measures Keyreeve; `make bench` runs it.",
        subcommands: [
            BareCommand.self, LoadCommand.self, TimeCommand.self, OperationsCommand.self, FormatsCommand.self,
            SyncCommand.self,
            RevokeCommand.self, FleetCommand.self, SignInCommand.self,
        ])
}
