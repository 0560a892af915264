import Glibc
import Posix

/// The lines of ssh's configuration with those that it includes, in the order in which ssh reads them.
struct SSHConfigLines {
    struct Line {
        let file: String
        /// From 1.
        let number: Int
        /// In lower case.
        let keyword: String
        let values: [String]
        /// How deep its file is included; 0 for the first.
        let depth: Int
        /// Whether it stands below a Host or Match line that does not catch everybody.
        let isConditional: Bool
    }

    private let lines: [Line]

    init(_ main: String) {
        var found: [Line] = []
        Self.read(main, depth: 0, isConditional: false, into: &found)
        lines = found
    }

    /// The line of the first file that takes a file in; nil where none does.
    func inclusion(of path: String) -> Int? {
        var outermost = 0
        for line in lines {
            if line.depth == 0 { outermost = line.number }
            guard line.keyword == "include",
                line.values.contains(where: { Self.files($0, of: line.file).contains(path) })
            else { continue }
            return outermost
        }
        return nil
    }

    /// Whether a line of the first file counts for some hosts only.
    func isConditional(_ number: Int) -> Bool {
        lines.first { $0.depth == 0 && $0.number == number }?.isConditional ?? false
    }

    func first(setting keywords: [String]) -> (file: String, number: Int)? {
        lines.first { keywords.contains($0.keyword) }.map { ($0.file, $0.number) }
    }

    private static func read(_ file: String, depth: Int, isConditional: Bool, into found: inout [Line]) {
        guard depth < 16, found.count < 100_000,
            let bytes = try? DurableFile(file).read(limit: 4_194_304, symbolicLinks: .follow)
        else { return }
        var isConditional = isConditional
        for (index, line) in bytes.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
            let words = Self.words(line)
            guard let keyword = words.first?.lowercased() else { continue }
            let values = Array(words.dropFirst())
            if keyword == "host" { isConditional = values != ["*"] }
            if keyword == "match" { isConditional = values.map { $0.lowercased() } != ["all"] }
            found.append(
                Line(
                    file: file, number: index + 1, keyword: keyword, values: values, depth: depth,
                    isConditional: isConditional))
            guard keyword == "include" else { continue }
            for inner in values.flatMap({ files($0, of: file) }) {
                read(inner, depth: depth + 1, isConditional: isConditional, into: &found)
            }
        }
    }

    /// Words as ssh cuts them: at blanks and at one `=` after the keyword, but not within quotes.
    private static func words(_ line: ArraySlice<UInt8>) -> [String] {
        var words: [[UInt8]] = []
        var word: [UInt8]?
        var isQuoted = false
        for byte in line {
            if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
                word = word ?? []
            } else if !isQuoted, " \t\r".utf8.contains(byte) || byte == UInt8(ascii: "=") && words.isEmpty {
                if let whole = word { words.append(whole) }
                word = nil
            } else {
                word = (word ?? []) + [byte]
            }
        }
        if let whole = word { words.append(whole) }
        let texts = words.map { String(decoding: $0, as: UTF8.self) }
        return texts.first?.hasPrefix("#") ?? true ? [] : texts
    }

    /// The files that an Include names; a relative one is looked for beside the configuration that names it.
    private static func files(_ pattern: String, of file: String) -> [String] {
        var path = pattern
        if path.hasPrefix("~/") {
            path = (Environment.value("HOME") ?? "") + path.dropFirst()
        } else if !path.hasPrefix("/") {
            path = file.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/" + path
        }
        var matches = unsafe glob_t()
        defer { unsafe globfree(&matches) }
        guard unsafe glob(path, 0, nil, &matches) == 0 else { return [] }
        return unsafe (0..<Int(matches.gl_pathc)).compactMap { index in
            guard let match = unsafe matches.gl_pathv[index] else { return nil }
            return unsafe String(validatingCString: match)
        }
    }
}
