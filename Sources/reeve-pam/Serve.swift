import ArgumentParser
import PAMService
import Posix

/// `reeve-pam serve`: answers on the socket until it is ended.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Answer on the socket.")

    @Option(help: "Path of the Unix socket.")
    var socket: String

    @Option(help: "Conversations at a time, 1 to 256; each is a process.")
    var workers = 16

    @OptionGroup var stack: StackOptions

    @Option(help: ArgumentHelp("End when this process, which must be the parent, ends.", valueName: "pid"))
    var parent: Int32?

    @Option(
        name: .customLong("allow-uid"),
        help: ArgumentHelp("Another user that may connect; may be repeated.", valueName: "uid"))
    var allowedUIDs: [UInt32] = []

    @Option(
        name: .customLong("allow-user"),
        help: ArgumentHelp("The same by name; may be repeated.", valueName: "user"))
    var allowedUsers: [String] = []

    func validate() throws {
        guard (1...256).contains(workers) else { throw ValidationError("--workers is 1 to 256.") }
    }

    func run() throws {
        let allowed = try allowedUIDs + allowedUsers.map { try PosixUser(named: $0).uid }
        try ProcessHardening.closeMemory()
        try ProcessHardening.adoptOrphans()
        if let parent { try ProcessHardening.endWithParent(parent) }
        let admitted = Set(allowed + [ProcessHardening.currentUID])
        // Who else may connect is decided by the kernel's word about the peer, not by the mode of the file.
        let listener = try UnixListener(socket, mode: admitted.count == 1 ? 0o600 : 0o666)
        let settings = PAMServer.Settings(
            program: try CurrentProcess.executable(),
            arguments: ["converse", "--parent", String(CurrentProcess.pid)] + stack.arguments,
            workers: workers, seconds: stack.seconds)
        PAMServer(settings, listener: listener, admitted: admitted, adoptsOrphans: true) {
            StandardError.write("reeve-pam: \($0)\n")
        }.run()
    }
}
