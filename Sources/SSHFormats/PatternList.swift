/// Patterns with `*` and `?`, several with commas between them (ssh_config(5), PATTERNS).
enum PatternList {
    /// What a list says about a text.
    enum Verdict {
        /// A pattern fits, and none with `!` before it does.
        case match
        /// A pattern with `!` before it fits.
        case excluded
        /// None fits.
        case noMatch
    }

    /// The longest pattern that OpenSSH compares, in bytes; with a longer one the whole list fits nothing.
    static let patternLimit = 1023

    /// Judges a text by a list, byte by byte, as OpenSSH's `match_pattern_list` does.
    static func judge(_ text: [UInt8], by list: [UInt8]) -> Verdict {
        var found = Verdict.noMatch
        var rest = list[...]
        while !rest.isEmpty {
            let isNegated = rest.first == UInt8(ascii: "!")
            if isNegated { rest.removeFirst() }
            let pattern = Array(rest.prefix { $0 != UInt8(ascii: ",") })
            guard pattern.count < patternLimit else { return .noMatch }
            rest = rest.dropFirst(pattern.count + 1)
            guard matches(text, pattern) else { continue }
            if isNegated { return .excluded }
            found = .match
        }
        return found
    }

    /// Whether the whole text fits; goes back to the last star only, so it takes at most the product of both
    /// lengths.
    static func matches(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
        var at = 0
        var rule = 0
        var star: (rule: Int, at: Int)?
        while at < text.count {
            if rule < pattern.count, pattern[rule] == UInt8(ascii: "*") {
                star = (rule, at)
                rule += 1
            } else if rule < pattern.count, pattern[rule] == UInt8(ascii: "?") || pattern[rule] == text[at] {
                at += 1
                rule += 1
            } else if let last = star {
                star = (last.rule, last.at + 1)
                at = last.at + 1
                rule = last.rule + 1
            } else {
                return false
            }
        }
        return pattern.dropFirst(rule).allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
