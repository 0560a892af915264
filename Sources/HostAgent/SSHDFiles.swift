import Glibc
import Posix

/// Finds where sshd's configuration sets a keyword, in the order in which sshd reads: main file, and each `Include` where
/// it stands. The first value outside of Match blocks wins.
struct SSHDFiles: Sendable {
    struct Setting: Hashable, Sendable {
        let file: String
        let line: Int
        /// In lower case.
        let keyword: String
        let values: [String]
        /// True inside a Match block, where it beats the global value for those whom the block catches.
        let conditional: Bool
        var place: String { "\(file) line \(line)" }
    }

    /// All settings, in order; files that cannot be read are left out, as sshd itself will complain about them.
    static func settings(from main: String) -> [Setting] {
        var found: [Setting] = []
        read(main, conditional: false, depth: 0, into: &found)
        return found
    }

    /// Whether `main` reads `file` at all.
    static func includes(_ file: String, from main: String) -> Bool {
        settings(from: main).contains { $0.file == file }
    }

    private static func read(_ file: String, conditional: Bool, depth: Int, into found: inout [Setting]) {
        guard depth < 16, let bytes = try? DurableFile(file).read(limit: 1_048_576, symbolicLinks: .follow)
        else {
            return
        }
        var conditional = conditional
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let words = Self.words(line)
            guard let keyword = words.first?.lowercased() else { continue }
            found.append(
                Setting(
                    file: file, line: index + 1, keyword: keyword, values: Array(words.dropFirst()),
                    conditional: conditional))
            if keyword == "match" { conditional = words.dropFirst().map { $0.lowercased() } != ["all"] }
            guard keyword == "include" else { continue }
            for included in words.dropFirst().flatMap(files) {
                read(included, conditional: conditional, depth: depth + 1, into: &found)
            }
        }
    }

    /// Words as sshd cuts them: at blanks, and at one `=` after the keyword; quotes are taken off.
    private static func words(_ line: ArraySlice<UInt8>) -> [String] {
        let separators = Array(" \t\r=\"".utf8)
        let words = line.split(whereSeparator: separators.contains).map {
            String(decoding: $0, as: UTF8.self)
        }
        return words.first?.utf8.first == UInt8(ascii: "#") ? [] : words
    }

    /// The files that an Include's pattern names, in sshd's order; a relative one is looked for in /etc/ssh.
    private static func files(_ pattern: String) -> [String] {
        let pattern = pattern.utf8.first == UInt8(ascii: "/") ? pattern : "/etc/ssh/" + pattern
        var matches = unsafe glob_t()
        defer { unsafe globfree(&matches) }
        guard unsafe glob(pattern, 0, nil, &matches) == 0 else { return [] }
        return unsafe (0..<Int(matches.gl_pathc)).compactMap { index in
            guard let path = unsafe matches.gl_pathv[index] else { return nil }
            return unsafe String(validatingCString: path)
        }
    }
}
