import CPosix
import Glibc

/// This process.
public enum CurrentProcess {
    public static var pid: Int32 { getpid() }

    /// Most descriptors that it, and what it starts, may have open at a time.
    public static var descriptorLimit: UInt64 { posix_descriptor_limit() }

    /// Path of the program that runs (proc(5)); follows it when it is moved.
    ///
    /// - Throws: `ENOENT` where /proc is not mounted.
    public static func executable() throws(PosixError) -> String {
        let link = "/proc/self/exe"
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = unsafe readlink(link, &buffer, buffer.count)
        guard count > 0 else { throw .last("readlink", path: link) }
        return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Holds the places of standard input, output and errors where nobody opened them: else the next file that is opened is
    /// taken for one of them. Reading and writing there fails, as it would have. Call before anything is opened.
    public static func holdStandardDescriptors() {
        for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) == -1 {
            unsafe _ = posix_open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY, 0)
        }
    }
}
