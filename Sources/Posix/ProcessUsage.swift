import CPosix
import Glibc

/// What this process uses (proc(5)).
public struct ProcessUsage: Hashable, Sendable {
    public let cpuSeconds: Double
    public let residentBytes: UInt64

    /// nil where /proc cannot be read.
    public static var now: ProcessUsage? {
        var usage = rusage()
        guard unsafe getrusage(Int32(RUSAGE_SELF.rawValue), &usage) == 0,
            let fields = fields("/proc/self/statm"),
            fields.count > 1, let pages = UInt64(fields[1])
        else { return nil }
        let cpu = [usage.ru_utime, usage.ru_stime].map { Double($0.tv_sec) + Double($0.tv_usec) * 1e-6 }
        return ProcessUsage(
            cpuSeconds: cpu.reduce(0, +), residentBytes: pages * UInt64(sysconf(Int32(_SC_PAGESIZE))))
    }

    /// nil where /proc cannot be read.
    public static var openDescriptors: Int? {
        guard let folder = unsafe opendir("/proc/self/fd") else { return nil }
        defer { unsafe closedir(folder) }
        var count = 0
        while unsafe readdir(folder) != nil { count += 1 }
        return max(0, count - 3)  // ".", ".." and this folder itself
    }

    /// The soft limit.
    public static var mostDescriptors: UInt64? {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return UInt64(limit.rlim_cur)
    }

    /// Raises the soft limit of descriptors to the hard one; where that is refused it stays as it is.
    public static func raiseDescriptors() {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard unsafe getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(resource, &limit)
    }

    /// Seconds since 1970 UTC.
    public static var startedAt: Double? {
        guard let fields = fields("/proc/self/stat", after: ")"), fields.count > 19,
            let ticks = Double(fields[19]), let boot = bootTime
        else { return nil }
        return boot + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static var bootTime: Double? {
        guard let fields = fields("/proc/stat", after: "btime") else { return nil }
        return fields.first.flatMap { Double($0) }
    }

    /// The words of a file, or of what follows the last occurrence of a text in it.
    private static func fields(_ path: String, after mark: String? = nil) -> [Substring]? {
        guard let bytes = try? DurableFile(path).read(limit: 1_048_576) else { return nil }
        var text = String(decoding: bytes, as: UTF8.self)[...]
        if let mark {
            guard let found = text.ranges(of: mark).last else { return nil }
            text = text[found.upperBound...]
        }
        return text.split { $0 == " " || $0 == "\n" || $0 == "\t" }
    }
}
