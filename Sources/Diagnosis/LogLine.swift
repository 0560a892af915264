/// A line of sshd's log without what the log puts around it: time, host, process, level and phase.
struct LogLine: Sendable {
    /// Longest line that is looked at, in bytes; sshd's own are at most 1 KiB.
    static let limit = 8_192

    let message: ArraySlice<UInt8>

    /// - Parameter line: As syslog, the journal, `sshd -E` or `sshd -e` write it.
    init?(_ line: String) {
        let bytes = Array(line.utf8.prefix(Self.limit + 1))
        guard bytes.count <= Self.limit else { return nil }
        var rest = bytes[...]
        while let last = rest.last, [0x0a, 0x0d, 0x20].contains(last) { rest = rest.dropLast() }
        rest = Self.afterHeader(rest)
        for level in ["error: ", "fatal: "] where rest.starts(with: Array(level.utf8)) {
            rest = rest.dropFirst(level.utf8.count)
        }
        for phase in [" [preauth]", " [postauth]"] where rest.reversed().starts(with: phase.utf8.reversed()) {
            rest = rest.dropLast(phase.utf8.count)
        }
        guard !rest.isEmpty else { return nil }
        message = rest
    }

    /// Whether sshd says it only to whoever looks for faults in sshd itself.
    var isDebugging: Bool {
        ["debug1: ", "debug2: ", "debug3: "].contains { message.starts(with: Array($0.utf8)) }
    }

    /// Behind the first `sshd[123]: `, `sshd-session[123]: ` or `sshd-auth[123]: `, and behind `sshd: `; all of it where
    /// there is none.
    private static func afterHeader(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        for name in ["sshd[", "sshd-session[", "sshd-auth["] {
            let name = Array(name.utf8)
            guard line.count > name.count else { continue }
            // A header is short: what stands further behind is a part of the message.
            let ends = min(line.endIndex - name.count, line.startIndex + 128)
            for start in line.startIndex...ends where line[start..<(start + name.count)].elementsEqual(name) {
                guard start == line.startIndex || [0x20, 0x3e].contains(line[start - 1]) else { continue }
                let number = line[(start + name.count)...].prefix { (0x30...0x39).contains($0) }
                let after = line[number.endIndex...]
                guard !number.isEmpty, after.starts(with: Array("]: ".utf8)) else { continue }
                return after.dropFirst(3)
            }
        }
        return line
    }
}
