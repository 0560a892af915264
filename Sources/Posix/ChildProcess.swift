import CPosix
import Glibc

/// A program that this process started.
public struct ChildProcess: Hashable, Sendable {
    public let pid: Int32

    /// Starts the program in a process group of its own, with empty input and with its output where our
    /// errors go.
    ///
    /// - Parameter arguments: Without the name of the program. Everyone on the machine can read them.
    /// - Throws: `ENOENT`, `EACCES` and the like, with the path.
    public init(_ path: String, _ arguments: [String]) throws(PosixError) {
        var pointers = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        defer {
            while let pointer = unsafe pointers.popLast() { unsafe free(pointer) }
        }
        var pid: pid_t = 0
        let code = unsafe posix_start(path, &pointers, -1, &pid)
        guard code == 0 else { throw PosixError("posix_spawn", path: path, code: code) }
        self.pid = pid
    }

    /// Starts the program in a session of its own, with nothing but the connection, which it finds as descriptor 3.
    ///
    /// The kernel may end it with the thread that calls this (PR_SET_PDEATHSIG), so let that be one that stays.
    ///
    /// - Parameter arguments: Without the name of the program. Everyone on the machine can read them.
    /// - Throws: `ENOENT`, `EACCES` and the like, with the path.
    public init(
        _ path: String, _ arguments: [String], talkingOn connection: UnixConnection
    ) throws(PosixError) {
        var pointers = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        defer {
            while let pointer = unsafe pointers.popLast() { unsafe free(pointer) }
        }
        var pid: pid_t = 0
        let code = unsafe posix_start_worker(path, &pointers, connection.number, &pid)
        guard code == 0 else { throw PosixError("posix_spawn", path: path, code: code) }
        self.pid = pid
    }

    /// Runs the program to its end and takes what it prints.
    ///
    /// - Throws: As above, and `EFBIG` when it prints more than `limit` bytes.
    public static func output(
        of path: String, _ arguments: [String], limit: Int
    ) throws(PosixError) -> (status: Int32, output: [UInt8]) {
        let (child, reader) = try piped(path, arguments)
        let output: [UInt8]
        do throws(PosixError) { output = try reader.readAll(limit: limit, path: path) } catch {
            child.send(signal: SIGKILL)
            _ = try child.wait()
            throw error
        }
        return (try child.wait(), output)
    }

    /// Only the child holds the end that is written to, so that reading ends with it.
    private static func piped(
        _ path: String, _ arguments: [String]
    ) throws(PosixError) -> (ChildProcess, Descriptor) {
        var ends: [Int32] = [-1, -1]
        guard unsafe posix_pipe(&ends) == 0 else { throw .last("pipe2") }
        let reader = try Descriptor(ends[0], "pipe2")
        defer { close(ends[1]) }
        var pointers = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        defer {
            while let pointer = unsafe pointers.popLast() { unsafe free(pointer) }
        }
        var pid: pid_t = 0
        let code = unsafe posix_start(path, &pointers, ends[1], &pid)
        guard code == 0 else { throw PosixError("posix_spawn", path: path, code: code) }
        return (ChildProcess(adopting: pid), reader)
    }

    /// A process of which only the number is known.
    public init(adopting pid: Int32) { self.pid = pid }

    /// Waits until it ends; call once.
    ///
    /// - Returns: Its exit status, or 128 + the signal that ended it.
    public func wait() throws(PosixError) -> Int32 {
        let status = posix_wait_for(pid)
        guard status >= 0 else { throw .last("waitpid") }
        return status
    }

    /// How it ended: its exit status, or 128 + the signal; nil while it runs. Not again after an answer.
    public func ending() throws(PosixError) -> Int32? {
        let status = posix_ended(pid)
        guard status != -1 else { throw .last("waitpid") }
        return status == -2 ? nil : status
    }

    /// Why waiting for a worker is over.
    public enum WorkerEnding: Hashable, Sendable {
        /// It ended by itself: its exit status, or 128 + the signal that ended it.
        case ended(Int32)
        /// The other end of its connection has gone.
        case abandoned
        /// The deadline passed.
        case late
    }

    /// Waits until a worker ends, its peer goes or its time is up; then ends what is left of its session, and reaps it.
    /// Call once, in place of ``wait()``.
    public func finish(before deadline: Deadline, talkingOn connection: UnixConnection) -> WorkerEnding {
        let seen = retry { posix_watch(pid, connection.number, deadline.pollTime) }
        _ = Glibc.kill(-pid, SIGKILL)
        _ = Glibc.kill(pid, SIGKILL)
        let status = posix_wait_for(pid)
        return seen == 1 ? .ended(status) : seen == 2 ? .abandoned : .late
    }

    /// Sends a signal; a process that is gone is no error.
    public func send(signal: Int32) { _ = Glibc.kill(pid, signal) }

    /// Ends it at once, if this process may.
    public func kill() { send(signal: SIGKILL) }
}
