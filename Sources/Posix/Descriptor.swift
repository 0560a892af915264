import CPosix
import Glibc

/// One open file of this process, closed when the last owner lets go.
final class Descriptor: Sendable {
    let number: Int32

    /// Takes over `number`; -1 becomes the error of `call`.
    init(_ number: Int32, _ call: String, path: String? = nil) throws(PosixError) {
        self.number = number
        guard number >= 0 else { throw .last(call, path: path) }
    }

    deinit {
        guard number >= 0 else { return }
        close(number)
    }

    /// Opens `path` with close-on-exec always set.
    static func open(_ path: String, _ flags: Int32, mode: UInt32 = 0) throws(PosixError) -> Descriptor {
        let number = retry { unsafe posix_open(path, flags | O_CLOEXEC, mode) }
        return try Descriptor(number, "open", path: path)
    }

    func status(path: String) throws(PosixError) -> stat {
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else { throw .last("fstat", path: path) }
        return status
    }

    func sync(path: String) throws(PosixError) {
        guard retry({ fsync(number) }) == 0 else { throw .last("fsync", path: path) }
    }

    func write(_ bytes: [UInt8], path: String) throws(PosixError) {
        var done = 0
        while done < bytes.count {
            let count = retry {
                unsafe bytes[done...].withUnsafeBytes { unsafe Glibc.write(number, $0.baseAddress, $0.count) }
            }
            guard count > 0 else { throw .last("write", path: path) }
            done += count
        }
    }

    /// Reads to the end of the file.
    ///
    /// - Throws: `EFBIG` when there is more than `limit` bytes; nothing larger is ever held.
    func readAll(limit: Int, path: String) throws(PosixError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = retry {
                unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(number, $0.baseAddress, $0.count) }
            }
            guard count >= 0 else { throw .last("read", path: path) }
            guard count > 0 else { return bytes }
            guard bytes.count + count <= limit else { throw PosixError("read", path: path, code: EFBIG) }
            bytes += chunk.prefix(count)
        }
    }
}

/// Repeats a call that a signal interrupted (`EINTR`).
func retry<Result: FixedWidthInteger & SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        guard result == -1, errno == EINTR else { return result }
    }
}
