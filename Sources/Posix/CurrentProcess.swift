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
}
