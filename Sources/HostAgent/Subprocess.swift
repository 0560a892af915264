import CPosix
import Glibc
import Posix

/// A program of this host, run to its end: sshd's own checks, ssh-keygen's.
struct Subprocess: Sendable {
    struct Outcome: Sendable {
        /// Exit status; 128 + number for a signal, as a shell has it.
        let status: Int32
        let output: [UInt8]
        let errors: [UInt8]

        var outputText: String { String(decoding: output, as: UTF8.self) }
        /// The last lines of what it complained about, on one line.
        var complaint: String {
            let lines = errors.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") })
            return lines.suffix(3).map { String(decoding: $0, as: UTF8.self) }.joined(separator: "; ")
        }
    }

    /// Most bytes kept of each stream.
    static let limit = 4_194_304

    /// Runs it with empty input, a plain environment, and no shell.
    ///
    /// - Parameter path: Absolute.
    /// - Throws: `ETIMEDOUT` after `seconds`, when it has been killed; `EFBIG` for too much output; what posix_spawn says.
    static func run(_ path: String, _ arguments: [String], seconds: UInt64 = 30) throws(PosixError) -> Outcome
    {
        let output = try Pipe()
        let errors = try Pipe()
        let pid = try spawn(path, arguments, output: output, errors: errors)
        output.closeWriter()
        errors.closeWriter()
        var collected: [[UInt8]]
        do throws(PosixError) {
            collected = try collect(
                [output, errors], deadline: .after(milliseconds: seconds * 1000), path: path)
        } catch {
            kill(pid, SIGKILL)
            _ = wait(pid)
            throw error
        }
        let status = wait(pid)
        return Outcome(status: status, output: collected.removeFirst(), errors: collected.removeFirst())
    }

    private static func spawn(
        _ path: String, _ arguments: [String], output: Pipe, errors: Pipe
    ) throws(PosixError) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output.writer, 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, errors.writer, 2)
        var argv: [UnsafeMutablePointer<CChar>?] = unsafe ([path] + arguments).map { unsafe strdup($0) }
        let environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"]
        var envp: [UnsafeMutablePointer<CChar>?] = unsafe environment.map { unsafe strdup($0) }
        defer {
            while let text = unsafe argv.popLast() { unsafe free(text) }
            while let text = unsafe envp.popLast() { unsafe free(text) }
        }
        unsafe argv.append(nil)
        unsafe envp.append(nil)
        var pid: pid_t = 0
        let code = unsafe posix_spawn(&pid, path, &actions, nil, argv, envp)
        guard code == 0 else { throw PosixError("posix_spawn", path: path, code: code) }
        return pid
    }

    private static func collect(
        _ pipes: [Pipe], deadline: Deadline, path: String
    ) throws(PosixError) -> [[UInt8]] {
        var collected = pipes.map { _ in [UInt8]() }
        var open = Set(pipes.indices)
        while !open.isEmpty {
            let order = open.sorted()
            var waits = order.map { pollfd(fd: pipes[$0].reader, events: Int16(POLLIN), revents: 0) }
            let now = MonotonicClock.now()
            guard now < deadline.nanoseconds else { throw PosixError("wait", path: path, code: ETIMEDOUT) }
            let left = Int32(clamping: (deadline.nanoseconds - now) / 1_000_000 + 1)
            guard unsafe poll(&waits, nfds_t(waits.count), left) >= 0 || errno == EINTR else {
                throw PosixError("poll", path: path, code: errno)
            }
            for (index, wait) in zip(order, waits) where wait.revents != 0 {
                let chunk = pipes[index].readSome()
                if chunk.isEmpty { open.remove(index) }
                collected[index] += chunk
                guard collected[index].count <= limit else {
                    throw PosixError("read", path: path, code: EFBIG)
                }
            }
        }
        return collected
    }

    private static func wait(_ pid: pid_t) -> Int32 {
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) == -1, errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
}

/// A pipe whose ends close with it; neither end reaches a program that is started.
private final class Pipe {
    let reader: Int32
    private(set) var writer: Int32

    init() throws(PosixError) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0, let reader = ends.first, let writer = ends.last
        else {
            throw PosixError("socketpair", code: errno)
        }
        self.reader = reader
        self.writer = writer
    }

    deinit {
        close(reader)
        closeWriter()
    }

    func closeWriter() {
        guard writer >= 0 else { return }
        close(writer)
        writer = -1
    }

    /// Empty at the end, or after an error that ends it too.
    func readSome() -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        var count = -1
        repeat {
            count = unsafe chunk.withUnsafeMutableBytes { unsafe read(reader, $0.baseAddress, $0.count) }
        } while count == -1 && errno == EINTR
        return Array(chunk.prefix(max(0, count)))
    }
}
