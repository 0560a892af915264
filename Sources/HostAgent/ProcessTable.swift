import Glibc
import Posix

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The processes of this host at one moment, as /proc(5) shows them.
struct ProcessTable: Sendable {
    /// A process. Its number may be another's later; with its start it never is.
    struct Entry: Hashable, Sendable {
        let pid: Int32
        let parent: Int32
        /// Ticks since boot (field 22 of `stat`).
        let started: UInt64
    }

    let entries: [Int32: Entry]

    init() {
        var entries: [Int32: Entry] = [:]
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        for pid in names.compactMap({ Int32($0) }) {
            if let entry = Self.entry(pid) { entries[pid] = entry }
        }
        self.entries = entries
    }

    /// The process of that number now.
    static func entry(_ pid: Int32) -> Entry? {
        guard let bytes = read("/proc/\(pid)/stat"),
            // The name stands in parentheses and may hold any byte; what follows the last one is numbers.
            let close = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = bytes[bytes.index(after: close)...].split(separator: UInt8(ascii: " "))
            .map { String(decoding: $0, as: UTF8.self) }
        guard fields.count > 19, let parent = Int32(fields[1]), let started = UInt64(fields[19]) else {
            return nil
        }
        return Entry(pid: pid, parent: parent, started: started)
    }

    /// The program that it runs; one that was replaced on the disk meanwhile counts as before.
    static func program(_ pid: Int32) -> String? {
        FileTree.target(of: "/proc/\(pid)/exe").map { path in
            let deleted = " (deleted)"
            return path.hasSuffix(deleted) ? String(path.dropLast(deleted.count)) : path
        }
    }

    /// Whether it runs as root; nil once it is gone.
    static func isRoot(_ pid: Int32) -> Bool? {
        guard let bytes = read("/proc/\(pid)/status") else { return nil }
        let line = bytes.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: Array("Uid:".utf8)) }
        let words = line?.split { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
        return words?.dropFirst(2).first.map { Array($0) == Array("0".utf8) }
    }

    /// Numbers of the sockets that it holds.
    static func sockets(_ pid: Int32) -> Set<UInt64> {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")) ?? []
        return Set(
            names.compactMap { name in
                guard let target = FileTree.target(of: "/proc/\(pid)/fd/\(name)"),
                    target.hasPrefix("socket:["),
                    target.hasSuffix("]")
                else { return nil }
                return UInt64(target.dropFirst("socket:[".count).dropLast())
            })
    }

    /// All that came from these processes, and they themselves: children, their children, and what else systemd-logind
    /// counts to the same session, such as what was started with nohup.
    ///
    /// - Parameter isForeign: What is left out, with all that came from it: an sshd that somebody started within the
    ///   session serves others.
    func family(of roots: [Entry], except isForeign: (Entry) -> Bool) -> [Entry] {
        let children = Dictionary(grouping: entries.values, by: \.parent)
        let scopes = Set(roots.compactMap { Self.sessionScope($0.pid) })
        let members =
            scopes.isEmpty
            ? []
            : entries.values.filter { entry in
                Self.sessionScope(entry.pid).map(scopes.contains) ?? false
            }
        let found = descendants(of: roots + members, children)
        let foreign = found.filter { !roots.contains($0) && isForeign($0) }
        return Array(found.subtracting(descendants(of: Array(foreign), children)).union(roots))
    }

    private func descendants(of roots: [Entry], _ children: [Int32: [Entry]]) -> Set<Entry> {
        var found = Set(roots)
        var open = roots
        while let next = open.popLast() {
            for child in children[next.pid] ?? [] where found.insert(child).inserted { open.append(child) }
        }
        return found
    }

    /// `…/session-7.scope`: the control group that systemd-logind makes for one session.
    private static func sessionScope(_ pid: Int32) -> String? {
        guard let bytes = read("/proc/\(pid)/cgroup") else { return nil }
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let text = String(decoding: line, as: UTF8.self)
            let name = text.split(separator: "/").last ?? ""
            if name.hasPrefix("session-"), name.hasSuffix(".scope") { return text }
        }
        return nil
    }

    private static func read(_ path: String) -> [UInt8]? { try? DurableFile(path).read(limit: 4_194_304) }
}

/// TCP connections of a process's network namespace: which socket has which other end.
enum ConnectionTable {
    /// Those of `/proc/PID/net/tcp` and `tcp6` that are established, or that the other end has closed, to a local port of
    /// `ports`: what sshd forwards for somebody has other ports.
    static func ends(seenBy pid: Int32, to ports: Set<UInt16>) -> [UInt64: ConnectionEnd] {
        var ends: [UInt64: ConnectionEnd] = [:]
        for name in ["tcp", "tcp6"] {
            guard let bytes = try? DurableFile("/proc/\(pid)/net/\(name)").read(limit: 67_108_864) else {
                continue
            }
            for line in bytes.split(separator: UInt8(ascii: "\n")).dropFirst() {
                let fields = line.split(separator: UInt8(ascii: " "))
                    .map { String(decoding: $0, as: UTF8.self) }
                guard fields.count > 9, ["01", "08"].contains(fields[3]), let inode = UInt64(fields[9]),
                    inode > 0,
                    let local = end(fields[1]), ports.contains(local.port), let end = end(fields[2])
                else { continue }
                ends[inode] = end
            }
        }
        return ends
    }

    /// `0100007F:C350`: words of four bytes, each as the machine has it.
    static func end(_ text: String) -> ConnectionEnd? {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1], radix: 16), [8, 32].contains(parts[0].utf8.count)
        else {
            return nil
        }
        var bytes: [UInt8] = []
        var rest = parts[0]
        while !rest.isEmpty {
            guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
            rest = rest.dropFirst(8)
            // Little-endian on every machine that this runs on; the kernel prints the word as it lies in memory.
            for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        return address(bytes).map { ConnectionEnd(address: $0, port: port) }
    }

    /// As sshd writes it: an IPv4 address within IPv6 is the IPv4 address.
    private static func address(_ bytes: [UInt8]) -> String? {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        let short = bytes.starts(with: mapped) ? Array(bytes.dropFirst(12)) : bytes
        var text = [CChar](repeating: 0, count: 64)
        let family = short.count == 4 ? AF_INET : AF_INET6
        let isDone = unsafe short.withUnsafeBytes { address in
            unsafe text.withUnsafeMutableBufferPointer { buffer in
                unsafe inet_ntop(family, address.baseAddress, buffer.baseAddress, socklen_t(buffer.count))
                    != nil
            }
        }
        guard isDone else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
