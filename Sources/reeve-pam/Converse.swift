import ArgumentParser
import PAMService

/// `reeve-pam converse`: one conversation on descriptor 3. What `serve` starts.
struct Converse: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have one conversation, on descriptor 3; `serve` starts it.", shouldDisplay: false)

    @OptionGroup var stack: StackOptions

    @Option(help: ArgumentHelp("End when this process, which must be the parent, ends.", valueName: "pid"))
    var parent: Int32

    func run() throws {
        try Worker(
            service: stack.service, folder: stack.stacks, standIn: stack.standIn, seconds: stack.seconds
        ).run(parent: parent)
    }
}
