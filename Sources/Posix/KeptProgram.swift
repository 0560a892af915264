import Synchronization

/// Keeps a program of ours running: starts it, and again at once when it ends. It should end with this process, whatever
/// ends that: pass it `--parent` with our number, for ``ProcessHardening/endWithParent(_:)``.
public final class KeptProgram: Sendable {
    /// Longest pause between starts that fail, in milliseconds.
    private static let longestPause: Int32 = 1_000
    /// One that lived so long did not fail at its start, in nanoseconds.
    private static let settled: UInt64 = 5_000_000_000

    private let name: String
    private let executable: String
    private let arguments: [String]
    private let report: @Sendable (String) -> Void
    private let state = Mutex(State())

    private struct State {
        var child: ChildProcess?
        var isStopped = false
    }

    /// - Parameters:
    ///   - name: What it is to people: `the signer`.
    ///   - report: Takes sentences about starts and ends.
    public init(
        _ name: String, executable: String, arguments: [String], report: @escaping @Sendable (String) -> Void
    ) {
        self.name = name
        self.executable = executable
        self.arguments = arguments
        self.report = report
    }

    /// Where a program lies that was installed beside the running one.
    ///
    /// - Throws: `ENOENT` where /proc is not mounted.
    public static func besideUs(_ program: String) throws(PosixError) -> String {
        let path = try CurrentProcess.executable()
        return path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/\(program)"
    }

    /// Starts it on a thread that waits for it. The thread stays: the kernel ends a child with the thread that started it
    /// (PR_SET_PDEATHSIG), and Swift's own threads come and go.
    public func start() throws(PosixError) {
        try BlockingThread.start { [self] in supervise() }
    }

    /// Ends it for good.
    public func stop() {
        let child = state.withLock { state in
            state.isStopped = true
            return state.child
        }
        child?.send(signal: 15)
    }

    /// The running program's process id; nil between two of them.
    public var pid: Int32? { state.withLock { $0.child?.pid } }

    private func supervise() {
        var pause: Int32 = 0
        while !isStopped {
            let started = MonotonicClock.now()
            let ending = runOnce()
            guard !isStopped else { return }
            let hasSettled = MonotonicClock.now() - started > Self.settled
            report("\(name) ended (\(ending)); starting it again in \(hasSettled ? 0 : pause) ms")
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
}
