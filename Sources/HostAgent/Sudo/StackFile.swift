/// A file of pam.d(5), with at most one block that is ours.
struct StackFile: Hashable, Sendable {
    private static let begin =
        "# keyreeve begin. Written by reeve-agent; `reeve-agent sudo disable` takes it out. See pam_reeve(8)."
    private static let end = "# keyreeve end"

    /// The lines of others.
    private let before: [String]
    private let after: [String]
    /// Our lines without the marks; nil where there is no block.
    let block: [String]?

    /// - Throws: ``Fault`` `sudo-pam` for a block that does not end, or a second one: what is whose is not known then.
    init(_ bytes: [UInt8], _ path: String) throws(Fault) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Fault("sudo-pam", "\(path) is not text")
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let starts = lines.indices.filter { lines[$0] == Self.begin }
        let ends = lines.indices.filter { lines[$0] == Self.end }
        guard let start = starts.first, let end = ends.first else {
            guard starts.isEmpty, ends.isEmpty else { throw Self.torn(path) }
            (before, block, after) = ([], nil, lines)
            return
        }
        guard starts.count == 1, ends.count == 1, start < end else { throw Self.torn(path) }
        before = Array(lines[..<start])
        block = Array(lines[(start + 1)..<end])
        after = Array(lines[(end + 1)...])
    }

    private init(before: [String], block: [String]?, after: [String]) {
        self.before = before
        self.block = block
        self.after = after
    }

    var bytes: [UInt8] {
        let middle = block.map { [Self.begin] + $0 + [Self.end] } ?? []
        return Array((before + middle + after).joined(separator: "\n").utf8)
    }

    /// Ours before all others: the first line of a stack is asked first.
    func prepending(_ lines: [String]) throws(Fault) -> StackFile {
        StackFile(before: [], block: lines, after: before + after)
    }

    /// Ours behind all others.
    func appending(_ lines: [String]) throws(Fault) -> StackFile {
        var others = before + after
        let endsWithFeed = others.last?.isEmpty == true
        if endsWithFeed { others.removeLast() }
        return StackFile(before: others, block: lines, after: [""])
    }

    func without() throws(Fault) -> StackFile { StackFile(before: [], block: nil, after: before + after) }

    private static func torn(_ path: String) -> Fault {
        Fault(
            "sudo-pam", "\(path): the block of reeve-agent is not whole; take what is left of it out by hand")
    }
}
