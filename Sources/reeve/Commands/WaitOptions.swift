import ArgumentParser

/// Whether to wait for others, and how long for hosts.
struct WaitOptions: ParsableArguments {
    @Flag(
        help: """
            Wait until others have agreed, where they must, and then until the hosts enforce it: 30 s, or as --wait=SECONDS says.
            """)
    var wait = false
    @Option(help: ArgumentHelp("How long hosts are waited for.", valueName: "time"))
    var within: DurationArgument?

    var seconds: UInt64 { within?.seconds ?? 30 }

    /// The command line with `--wait=SECONDS`, which a flag cannot be, as `--wait --within SECONDS`.
    static func spelledOut(_ arguments: [String]) -> [String] {
        let takes = [["revoke"], ["host", "state"]].contains { arguments.starts(with: $0) }
        guard takes else { return arguments }
        return arguments.flatMap { argument in
            guard argument.hasPrefix("--wait=") else { return [argument] }
            return ["--wait", "--within", String(argument.dropFirst("--wait=".count))]
        }
    }
}
