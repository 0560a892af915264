import SSHFormats

/// Where a process comes from, by what the kernel says of it.
package struct ProcessOrigin: Hashable, Sendable {
    /// A process, told from later ones of the same number by when it began, in ticks since the machine did.
    package struct Process: Hashable, Sendable, Codable {
        package let pid: UInt32
        package let started: UInt64

        package init(pid: UInt32, started: UInt64) {
            self.pid = pid
            self.started = started
        }
    }

    /// Number of its audit session (`/proc/PID/sessionid`), which its children keep wherever they go; nil where none was
    /// set.
    package let audit: UInt32?
    /// The session scope of its cgroup, as systemd-logind makes one for each login; nil outside of one.
    package let scope: String?
    /// The same of the process that started it.
    package let parentAudit: UInt32?
    package let parentScope: String?
    /// Itself, its parent, and so on.
    package let ancestors: [Process]

    package init(
        audit: UInt32?, scope: String?, parentAudit: UInt32? = nil, parentScope: String? = nil,
        ancestors: [Process]
    ) {
        self.audit = audit
        self.scope = scope
        self.parentAudit = parentAudit
        self.parentScope = parentScope
        self.ancestors = ancestors
    }

    /// A mark that its parent has as well was not set for this login: all logins by that parent would share it.
    var ownAudit: UInt32? { audit == parentAudit ? nil : audit }
    var ownScope: String? { scope == parentScope ? nil : scope }

    init(reading reader: inout WireReader) throws(WireError) {
        audit = Self.session(try reader.text(limit: 64))
        parentAudit = Self.session(try reader.text(limit: 64))
        scope = Self.scope(try reader.string(limit: 8_192))
        parentScope = Self.scope(try reader.string(limit: 8_192))
        var list = WireReader(try reader.string(limit: 64 * 12))
        var ancestors: [Process] = []
        while !list.isAtEnd {
            ancestors.append(Process(pid: try list.uint32(), started: try list.uint64()))
        }
        self.ancestors = ancestors
    }

    private static let unset = UInt32.max

    private static func session(_ text: String) -> UInt32? {
        let digits = text.utf8.prefix { $0 != UInt8(ascii: "\n") }
        guard let number = UInt32(String(decoding: digits, as: UTF8.self)), number != unset, number != 0
        else {
            return nil
        }
        return number
    }

    /// From `/proc/PID/cgroup`: the path up to `session-N.scope`, in the hierarchy of systemd (cgroups(7)).
    private static func scope(_ file: ArraySlice<UInt8>) -> String? {
        for line in file.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(
                separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, let path = fields.last, let kind = fields.dropFirst().first,
                kind.isEmpty || kind.elementsEqual("name=systemd".utf8)
            else { continue }
            var kept: [String] = []
            for part in path.split(separator: UInt8(ascii: "/")) {
                let name = String(decoding: part, as: UTF8.self)
                kept.append(name)
                if name.hasPrefix("session-"), name.hasSuffix(".scope") { return kept.joined(separator: "/") }
            }
        }
        return nil
    }
}
