/// A file of pam.d(5), with the blocks in it that are ours.
struct StackFile: Hashable, Sendable {
    private static let begin =
        "# keyreeve begin. Written by reeve-agent; `reeve-agent sudo disable` takes it out. See pam_reeve(8)."
    private static let end = "# keyreeve end"

    /// The whole file.
    let bytes: [UInt8]
    /// Our lines in it, without the marks.
    let ours: [String]
    /// The lines of others.
    private let others: [String]

    /// - Throws: ``Fault`` `sudo-pam` for a block that does not end: what is whose is not known then.
    init(_ bytes: [UInt8], _ path: String) throws(Fault) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Fault("sudo-pam", "\(path) is not text")
        }
        var (ours, others, isInside) = ([String](), [String](), false)
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            switch (line, isInside) {
            case (Self.begin, false): isInside = true
            case (Self.end, true): isInside = false
            case (Self.begin, true), (Self.end, false): throw Self.torn(path)
            case (_, true): ours.append(line)
            case (_, false): others.append(line)
            }
        }
        guard !isInside else { throw Self.torn(path) }
        self.init(bytes: bytes, ours: ours, others: others)
    }

    private init(bytes: [UInt8], ours: [String], others: [String]) {
        self.bytes = bytes
        self.ours = ours
        self.others = others
    }

    /// The file with these lines before all others, and those behind them; without any block where both are empty.
    func with(first: [String] = [], last: [String] = []) -> [UInt8] {
        var lines = Self.block(first) + others
        if !last.isEmpty {
            if lines.last?.isEmpty == true { lines.removeLast() }
            lines += Self.block(last) + [""]
        }
        return Array(lines.joined(separator: "\n").utf8)
    }

    private static func block(_ lines: [String]) -> [String] { lines.isEmpty ? [] : [begin] + lines + [end] }

    private static func torn(_ path: String) -> Fault {
        Fault(
            "sudo-pam", "\(path): the block of reeve-agent is not whole; take what is left of it out by hand")
    }
}
