import Foundation
import Synchronization

/// A server process of a test: started, killed, started again.
final class Running: Sendable {
    private struct State {
        var program: SpawnedProgram?
        var starts = 0
    }

    private let state = Mutex(State())

    /// How often it was started before the present one.
    var starts: Int { state.withLock { $0.starts - 1 } }
    var pid: Int32 { state.withLock { $0.program?.pid ?? 0 } }
    var isRunning: Bool { state.withLock { $0.program?.isRunning ?? false } }

    /// Exit status of the present one; for one caller.
    func ended() async -> Int32 {
        guard let program = state.withLock(\.program) else { return -1 }
        return await program.ended()
    }

    func start(
        _ path: String, _ arguments: [String], environment: [String: String] = [:], log: String
    ) throws {
        let program = try SpawnedProgram(
            path, arguments, environment: environment, output: log, errors: log)
        state.withLock { state in
            state.program = program
            state.starts += 1
        }
    }

    func kill() {
        guard isRunning else { return }
        Foundation.kill(pid, SIGKILL)
    }
}
