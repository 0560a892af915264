/// Finds anchors (`&name`) and aliases (`*name`) before YAML is parsed, since a few hundred bytes of them can
/// stand for gigabytes once they are followed.
///
/// It does not know where quotes begin and end, and so cannot be led astray by them: it may see an anchor in
/// a quoted text or in a comment with quotes in it, but never misses one. An anchor begins where a token may
/// begin, so one that follows a letter, or is followed by a space (`2>&1`, `a && b`, `5 * 3`), is none (YAML
/// 1.1 §7.1).
struct AnchorScan {
    private let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }

    /// The line of the first anchor or alias, from 1.
    func firstLine() -> Int? {
        var line = 1
        var index = bytes.startIndex
        var previous = UInt8(ascii: "\n")
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\n") { line += 1 }
            if Self.marks.contains(byte), beginsToken(after: previous), isNamed(at: index) { return line }
            index = byte == UInt8(ascii: "#") ? endOfComment(at: index, after: previous) : index + 1
            previous = byte
        }
        return nil
    }

    private static let marks: [UInt8] = [UInt8(ascii: "&"), UInt8(ascii: "*")]
    /// ASCII after which a token may begin without a space between.
    private static let openers = Array(#" []{},:?-"'!"#.utf8)

    private func beginsToken(after previous: UInt8) -> Bool {
        !(0x20...0x7E).contains(previous) || Self.openers.contains(previous)
    }

    private func isNamed(at index: Int) -> Bool {
        guard let next = bytes[(index + 1)...].first else { return false }
        switch next {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): return true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): return true
        default: return false
        }
    }

    /// Where to go on after a `#`. What follows it up to the end of the line may be passed over if it holds
    /// no quote: it is a comment or, if the `#` stands within a quoted text, still that text.
    private func endOfComment(at index: Int, after previous: UInt8) -> Int {
        guard previous == UInt8(ascii: "\n") || previous == UInt8(ascii: " ") else { return index + 1 }
        let comment = bytes[index...].prefix { (0x20...0x7E).contains($0) }
        let quotes = [UInt8(ascii: "\""), UInt8(ascii: "'")]
        return comment.contains(where: quotes.contains) ? index + 1 : comment.endIndex
    }
}
