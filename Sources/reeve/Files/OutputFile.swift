import CPosix
import Glibc
import Posix

/// A large file written bit by bit, which stands under its name only when it is whole.
struct OutputFile: ~Copyable {
    private let path: String
    private let temporary: String
    private let number: Int32
    private var isDone = false

    init(_ path: String) throws {
        self.path = path
        temporary = path + ".\(UInt64.random(in: 0 ... .max)).new"
        number = unsafe posix_open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw PosixError("create", path: path, code: errno) }
    }

    deinit {
        close(number)
        if !isDone { _ = unsafe unlink(temporary) }
    }

    func write(_ text: String) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(number, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw PosixError("write", path: path, code: errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// Syncs it and gives it its name.
    mutating func finish() throws {
        guard fsync(number) == 0 else { throw PosixError("fsync", path: path, code: errno) }
        guard unsafe rename(temporary, path) == 0 else { throw PosixError("rename", path: path, code: errno) }
        isDone = true
    }
}
