import CPosix
import Foundation
import Glibc
import Posix
import Synchronization

/// A program started by a test. It inherits nothing but its three files: an inherited descriptor of another test's
/// child would keep that one from being seen to end.
final class SpawnedProgram: Sendable {
    let pid: Int32
    private let endings: AsyncStream<Int32>
    private let last = Mutex<Int32?>(nil)

    init(
        _ path: String, _ arguments: [String], environment: [String: String] = [:],
        input: String = "/dev/null",
        output: String, errors: String
    ) throws {
        let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        pid = try SpawnedProgram.spawn(
            [path] + arguments, all.map { "\($0)=\($1)" }, input: input, output: output, errors: errors)
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        endings = stream
        try BlockingThread.start { [pid, self] in
            let status = (try? ChildProcess(adopting: pid).wait()) ?? -1
            last.withLock { $0 = status }
            continuation.yield(status)
            continuation.finish()
        }
    }

    var isRunning: Bool { last.withLock { $0 == nil } }

    /// Its exit status, or 128 + the signal that ended it. For one caller.
    func ended() async -> Int32 {
        for await status in endings { return status }
        return last.withLock { $0 ?? -1 }
    }

    private static func spawn(
        _ arguments: [String], _ environment: [String], input: String, output: String, errors: String
    ) throws -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let appending = O_WRONLY | O_CREAT | O_APPEND
        unsafe posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output, appending, 0o644)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, errors, appending, 0o644)
        _ = unsafe posix_inherit_three(&actions)
        var argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
        var envp = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer {
            while let text = unsafe argv.popLast() { unsafe free(text) }
            while let text = unsafe envp.popLast() { unsafe free(text) }
        }
        var pid: pid_t = 0
        let code = unsafe posix_spawn(&pid, arguments[0], &actions, nil, &argv, &envp)
        guard code == 0 else { throw Failure("cannot start \(arguments[0]): errno \(code)") }
        return pid
    }
}
