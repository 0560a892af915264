import ArgumentParser
import Posix

/// `reeve-bench time`: how long commands take from start to end, one run of each in turn, so that a noisy minute of the
/// machine hits all of them.
struct TimeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "time", abstract: "Run commands in turn and time them.",
        discussion: "Words of a command are divided by spaces; its output goes to standard error.")

    @Option(help: "Runs of each command that count; one before does not.")
    var runs = 25
    @Option(help: "NAME of the command that the others are compared with.")
    var baseline: String?
    @Option(help: "A command as NAME=COMMAND that runs before each run of NAME and is not timed.")
    var before: [NamedCommand] = []
    @Argument(help: "What to time, as NAME=COMMAND.")
    var commands: [NamedCommand]

    func run() throws {
        var samples = [String: [UInt64]]()
        for round in 0...runs {
            for command in commands {
                for preparation in before where preparation.name == command.name { _ = try preparation.run() }
                let duration = try command.run()
                if round > 0 { samples[command.name, default: []].append(duration) }
            }
        }
        let reference = baseline.flatMap { samples[$0] }.map(Distribution.init)
        for command in commands {
            let taken = Distribution(samples[command.name] ?? [])
            Measurement(
                measure: "time", subject: command.name, value: taken.median, unit: "ms",
                details: [
                    "min": taken.minimum, "p99": taken.p99, "mean": taken.mean, "perSecond": taken.perSecond,
                    "runs": Double(runs),
                ]
            ).show()
            guard let reference, command.name != baseline else { continue }
            Measurement(
                measure: "added time", subject: command.name, value: taken.median - reference.median,
                unit: "ms",
                details: ["min": taken.minimum - reference.minimum]
            ).show()
        }
    }
}

/// A command line with a name for the report.
struct NamedCommand: ExpressibleByArgument {
    let name: String
    private let path: String
    private let arguments: [String]

    /// Reads `NAME=PATH ARGUMENT…`.
    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        let words = parts.dropFirst().first?.split(separator: " ").map(String.init) ?? []
        guard let name = parts.first, let path = words.first else { return nil }
        self.name = String(name)
        self.path = path
        arguments = Array(words.dropFirst())
    }

    /// Nanoseconds from the start to the end.
    ///
    /// - Throws: When it does not end with 0.
    func run() throws -> UInt64 {
        let start = MonotonicClock.now()
        let status = try ChildProcess(path, arguments).wait()
        let end = MonotonicClock.now()
        guard status == 0 else { throw BenchFault("\(name) ended with \(status)") }
        return end - start
    }
}
