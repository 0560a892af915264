/// One thing that is wrong with a policy text, and where it stands.
package struct PolicyFault: Hashable, Sendable, CustomStringConvertible {
    /// Line of the text, from 1; 0 where the text as a whole is meant.
    package let line: Int
    /// Place in the document, e.g. `grants[2].to[0]`; empty for the document itself.
    package let path: String
    /// What is wrong, in words; texts from the policy are escaped and cut.
    package let problem: String

    package init(line: Int, path: String, problem: String) {
        self.line = line
        self.path = path
        self.problem = problem
    }

    package var description: String {
        let place = [line > 0 ? "line \(line)" : "", path].filter { !$0.isEmpty }.joined(separator: ", ")
        return place.isEmpty ? problem : "\(place): \(problem)"
    }
}

/// Everything that is wrong with a policy text, reported at once.
package struct PolicyFaults: Error, Hashable, Sendable, CustomStringConvertible {
    /// The most that are kept: a text with more is not worth reading on.
    package static let limit = 100

    /// Never empty, in the order of the text, at most ``limit``.
    package let faults: [PolicyFault]

    init(_ first: PolicyFault, _ more: [PolicyFault] = []) {
        let ordered = ([first] + more).enumerated().sorted {
            ($0.element.line, $0.offset) < ($1.element.line, $1.offset)
        }
        faults = ordered.prefix(Self.limit).map(\.element)
    }

    package var description: String { faults.map(\.description).joined(separator: "\n") }
}

/// A text from outside, fit for a message: printable ASCII, the rest as `\xNN`, at most 64 bytes of it.
func quoted(_ text: String) -> String {
    let shown = text.utf8.prefix(64).map { byte in
        (0x20...0x7E).contains(byte)
            ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return "`" + shown.joined() + (text.utf8.count > 64 ? "…" : "") + "`"
}
