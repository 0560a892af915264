import CPosix
import Glibc

/// A lock on a path that one process holds (flock(2), exclusive). It ends with this value or with the
/// process.
public final class FileLock: Sendable {
    public let path: String
    private let file: Descriptor

    /// Takes the lock without waiting; makes the file with mode 0600 where missing.
    ///
    /// - Throws: `EWOULDBLOCK` when another process, or another value in this one, holds it.
    public init(_ path: String) throws(PosixError) {
        self.path = path
        file = try Descriptor.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
        guard retry({ flock(file.number, LOCK_EX | LOCK_NB) }) == 0 else { throw .last("flock", path: path) }
    }

    /// Unlocks, rather than only closing: a child that is just being started still holds a copy of the descriptor, and
    /// with it the lock, until it runs its program.
    deinit { _ = flock(file.number, LOCK_UN) }
}
