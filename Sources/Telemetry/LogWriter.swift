import Dispatch
import Synchronization

/// Writes lines away from those who make them: whoever reads the log slowly, or not at all, stops nobody. What does not
/// fit any more is lost, and counted in a line of its own.
///
/// A line that comes alone leaves at once; those that follow it within ``pause`` leave together, since waking the one who
/// writes costs several times what a line costs.
package final class LogWriter: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var lost: UInt64 = 0
        var isWriting = false
    }

    /// How long lines gather after some were written.
    private static let pause = DispatchTimeInterval.milliseconds(5)

    private let state = Mutex(State())
    private let limit: Int
    private let queue = DispatchQueue(label: "keyreeve.log")
    private let write: @Sendable ([UInt8]) -> Void
    private let format: LogFormat

    /// - Parameters:
    ///   - limit: Most bytes that wait.
    ///   - format: Of the line that says how many were lost.
    ///   - write: Returns when the bytes are out; may take its time.
    package init(
        limit: Int = 1_048_576, format: LogFormat,
        write: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.limit = limit
        self.format = format
        self.write = write
    }

    package func add(_ line: [UInt8]) {
        let startsWriting = state.withLock { state in
            guard state.waiting.count + line.count <= limit else {
                state.lost += 1
                return false
            }
            state.waiting += line
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if startsWriting { queue.async { self.work() } }
    }

    /// Returns when everything added before the call is out.
    package func flush() { queue.sync { _ = writeWaiting() } }

    /// Comes back after a pause, until nothing waits.
    private func work() {
        guard writeWaiting() else { return }
        queue.asyncAfter(deadline: .now() + LogWriter.pause) { self.work() }
    }

    /// - Returns: Whether anything waited.
    private func writeWaiting() -> Bool {
        let (bytes, lost) = state.withLock { state in
            let taken = (state.waiting, state.lost)
            state.waiting = []
            state.lost = 0
            if taken.0.isEmpty { state.isWriting = false }
            return taken
        }
        guard !bytes.isEmpty else { return false }
        write(lost > 0 ? bytes + loss(lost) : bytes)
        return true
    }

    private func loss(_ lost: UInt64) -> [UInt8] {
        var line = LogLine(format)
        line.add("level", .text("warning"))
        line.add("message", .text("lines of the log were lost: nobody read them in time"))
        line.add("lost", .number(String(lost)))
        return line.ended()
    }
}
