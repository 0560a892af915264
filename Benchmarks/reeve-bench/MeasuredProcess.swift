import ArgumentParser
import Glibc
import Posix

/// A running process, by a name for the report.
struct MeasuredProcess: ExpressibleByArgument {
    let name: String
    let pid: Int32
    /// Whether what it has started, and what runs still, belongs to it.
    var hasChildren = false

    init(name: String, pid: Int32) {
        self.name = name
        self.pid = pid
    }

    /// Reads `NAME=PID` or `NAME=PID+`, which counts the children in.
    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard let name = parts.first, parts.count == 2, let number = parts.last else { return nil }
        let hasChildren = number.hasSuffix("+")
        guard let pid = Int32(hasChildren ? number.dropLast() : number) else { return nil }
        self.init(name: String(name), pid: pid)
        self.hasChildren = hasChildren
    }

    /// CPU time that all its threads have used, user and system, in seconds (proc(5): fields 14 and 15 of `stat`).
    ///
    /// The kernel counts in ticks of 10 ms: measure for seconds.
    func cpuSeconds() throws -> Double {
        try everyPID().reduce(0) { try $0 + Self.cpuSeconds($1) }
    }

    private func everyPID() throws -> [Int32] {
        guard hasChildren else { return [pid] }
        let children = try DurableFile("/proc/\(pid)/task/\(pid)/children").read(limit: 65_536)
        return [pid]
            + String(decoding: children, as: UTF8.self).split(separator: " ").compactMap { Int32($0) }
    }

    private static func cpuSeconds(_ pid: Int32) throws -> Double {
        let path = "/proc/\(pid)/stat"
        let text = String(decoding: try DurableFile(path).read(limit: 4_096), as: UTF8.self)
        // The name of the program, in parentheses, may hold anything; field 3 follows the last one.
        guard let end = text.lastIndex(of: ")") else { throw BenchFault("\(path) has no program name") }
        let fields = text[text.index(after: end)...].split(separator: " ").dropFirst(11).prefix(2)
        let ticks = fields.compactMap { Double($0) }
        guard ticks.count == 2 else { throw BenchFault("\(path) has no CPU times") }
        return ticks.reduce(0, +) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
    /// Resident memory in MB of 10^6 bytes (proc(5): `VmRSS`, in KiB).
    func residentMB() throws -> Double {
        let path = "/proc/\(pid)/status"
        let text = String(decoding: try DurableFile(path).read(limit: 65_536), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        guard let number = line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first,
            let kibibytes = Double(number)
        else { throw BenchFault("\(path) has no VmRSS") }
        return kibibytes * 1.024 / 1_000
    }
}
