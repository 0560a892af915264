package import Posix
import Synchronization

/// Keeps a signer of our own running: starts the program that lies beside ours, and again at once when it
/// ends.
///
/// For the embedded default. The signer ends with this process, whatever ends it.
package final class SignerProcess: Sendable {
    /// Longest pause between starts that fail, in milliseconds.
    private static let longestPause: Int32 = 1_000
    /// A signer that lived so long did not fail at its start, in nanoseconds.
    private static let settled: UInt64 = 5_000_000_000

    private let executable: String
    private let arguments: [String]
    private let report: @Sendable (String) -> Void
    private let state = Mutex(State())

    private struct State {
        var child: ChildProcess?
        var isStopped = false
    }

    /// - Parameters:
    ///   - executable: The signer; without it the `reeve-signer` beside the running program.
    ///   - folder: Where its sealed files are, or shall be.
    ///   - report: Takes sentences about starts and ends.
    /// - Throws: When it cannot be found out where the running program lies.
    package init(
        executable: String? = nil, folder: String, socket: String, keyFile: String,
        report: @escaping @Sendable (String) -> Void
    ) throws(PosixError) {
        if let executable {
            self.executable = executable
        } else {
            self.executable = try Self.besideUs()
        }
        self.report = report
        arguments = [
            "serve", "--embedded", "--parent", String(CurrentProcess.pid), "--data", folder, "--socket",
            socket,
            "--key-file", keyFile,
        ]
    }

    /// Runs `reeve-signer log restart` beside us to its end; no signer may run on the folder.
    ///
    /// - Returns: Its exit status.
    package static func restartLog(folder: String, keyFile: String) throws(PosixError) -> Int32 {
        try ChildProcess(
            try besideUs(), ["log", "restart", "--data", folder, "--key-file", keyFile]
        ).wait()
    }

    /// Starts the signer on a thread that waits for it. The thread stays: the kernel ends a child with the
    /// thread that started it (PR_SET_PDEATHSIG), and Swift's own threads come and go.
    package func start() throws(PosixError) {
        try BlockingThread.start { [self] in supervise() }
    }

    /// Ends the signer for good.
    package func stop() {
        let child = state.withLock { state in
            state.isStopped = true
            return state.child
        }
        child?.send(signal: 15)
    }

    /// The running signer's process id; nil between two of them.
    package var pid: Int32? { state.withLock { $0.child?.pid } }

    private func supervise() {
        var pause: Int32 = 0
        while !isStopped {
            let started = MonotonicClock.now()
            let ending = runOnce()
            guard !isStopped else { return }
            let hasSettled = MonotonicClock.now() - started > Self.settled
            report("the signer ended (\(ending)); starting it again in \(hasSettled ? 0 : pause) ms")
            if !hasSettled { BlockingThread.pause(milliseconds: pause) }
            pause = hasSettled ? 0 : min(Self.longestPause, max(50, pause * 2))
        }
    }

    private func runOnce() -> String {
        do throws(PosixError) {
            let child = try ChildProcess(executable, arguments)
            state.withLock { $0.child = child }
            if isStopped { child.send(signal: 15) }
            defer { state.withLock { $0.child = nil } }
            return "status \(try child.wait())"
        } catch {
            return error.description
        }
    }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    private static func besideUs() throws(PosixError) -> String {
        let path = try CurrentProcess.executable()
        return path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/reeve-signer"
    }
}
