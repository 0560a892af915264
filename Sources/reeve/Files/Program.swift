import CPosix
import Glibc
import Posix

/// Other programs, found in PATH.
enum Program {
    /// Becomes the program, with the signals as a fresh process has them; returns only if that fails.
    static func become(_ name: String, _ arguments: [String]) -> PosixError {
        var none = sigset_t()
        _ = unsafe sigemptyset(&none)
        _ = unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
        _ = signal(SIGPIPE, SIG_DFL)
        return unsafe withArguments(name, arguments) { list in
            _ = unsafe execvp(name, list)
            return PosixError("exec", path: name, code: errno)
        }
    }

    /// Runs the program to its end, with no input, and gives what it prints, at most 1 MiB.
    static func output(of name: String, _ arguments: [String]) throws -> String {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0, let out = ends.first, let into = ends.last else {
            throw PosixError("pipe", code: errno)
        }
        defer { close(out) }
        let pid: pid_t
        do {
            defer { close(into) }
            pid = try spawn(name, arguments, output: into, closing: out)
        }
        let bytes = Result { try InputFile(descriptor: out).readAll(limit: 1 << 20) }
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) == -1, errno == EINTR { continue }
        return String(decoding: try bytes.get(), as: UTF8.self)
    }

    /// Starts the program, with no input and no output, and does not wait for it.
    static func start(_ name: String, _ arguments: [String]) throws {
        let nowhere = unsafe Glibc.open("/dev/null", O_WRONLY | O_CLOEXEC)
        guard nowhere >= 0 else { throw PosixError("open", path: "/dev/null", code: errno) }
        defer { close(nowhere) }
        _ = try spawn(name, arguments, output: nowhere, closing: nowhere)
    }

    private static func spawn(
        _ name: String, _ arguments: [String], output: Int32, closing other: Int32
    ) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        unsafe posix_spawn_file_actions_addclose(&actions, other)
        // A browser lives on: the port that waits for it must not live on with it.
        _ = unsafe posix_inherit_three(&actions)
        var pid: pid_t = 0
        let code = unsafe withArguments(name, arguments) { list in
            unsafe posix_spawnp(&pid, name, &actions, nil, list, Glibc.environ)
        }
        guard code == 0 else { throw PosixError("start", path: name, code: code) }
        return pid
    }

    /// Lends the list that exec(3) takes: name, arguments, NULL.
    private static func withArguments<Result>(
        _ name: String, _ arguments: [String], _ use: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var list = unsafe ([name] + arguments).map { unsafe strdup($0) }
        unsafe list.append(nil)
        defer {
            while let text = unsafe list.popLast() { unsafe free(text) }
        }
        return unsafe list.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else {
                preconditionFailure("the list ends with NULL, so it is not empty")
            }
            return unsafe use(base)
        }
    }
}
