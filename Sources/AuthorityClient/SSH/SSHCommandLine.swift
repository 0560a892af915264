/// The arguments of ssh(1), understood as far as needed to know where it goes: OpenSSH 9.2's own option letters.
package struct SSHCommandLine: Hashable, Sendable {
    /// All arguments, as given.
    package let arguments: [String]
    /// Host as typed, without login and port; nil when ssh is not asked to go anywhere (`-V`, `-Q`, `-O`, no host).
    package let host: String?
    /// From `-l`, `-o User=`, `login@host` or `ssh://login@host`; the first one counts, as for ssh. nil: its configuration
    /// says.
    package let login: String?
    /// Where options of ours may be put so that the caller's own come first: before the host.
    package let place: Int

    private static let flags = Set("1246AaCfGgKkMNnqsTtVvXxYy".utf8)
    private static let withValue = Set("BbcDEeFIiJLlmOopQRSWw".utf8)
    /// Options after which ssh does not connect as we know it.
    private static let elsewhere = Set("GOQV".utf8)

    package init(_ arguments: [String]) {
        self.arguments = arguments
        var reader = Reader(arguments)
        reader.read()
        place = reader.place ?? arguments.count
        host = reader.isElsewhere ? nil : reader.host
        login = reader.login
    }

    /// The arguments with these options put in, which lose against the caller's own.
    package func adding(options: [String]) -> [String] {
        Array(arguments[..<place]) + options.flatMap { ["-o", $0] } + Array(arguments[place...])
    }

    /// The arguments with which ssh prints what it would do (`-G`), without the command.
    package var asQuestion: [String] { ["-G"] + arguments }

    /// Walks as ssh.c does: options, the host, options again, then the command.
    private struct Reader {
        let arguments: [String]
        var index = 0
        var place: Int?
        var host: String?
        var login: String?
        var isElsewhere = false

        init(_ arguments: [String]) { self.arguments = arguments }

        mutating func read() {
            while index < arguments.count {
                let word = arguments[index]
                guard word != "--" else {
                    if host == nil { destination(at: index + 1, placedAt: index) }
                    return
                }
                guard word.hasPrefix("-"), word != "-" else {
                    guard host == nil else { return }
                    destination(at: index, placedAt: index)
                    index += 1
                    continue
                }
                option(Array(word.utf8.dropFirst()))
                index += 1
            }
        }

        /// One word of options: flags may be joined, a value may follow at once or as the next word.
        private mutating func option(_ letters: [UInt8]) {
            for (offset, letter) in letters.enumerated() {
                if SSHCommandLine.elsewhere.contains(letter) { isElsewhere = true }
                guard SSHCommandLine.withValue.contains(letter) else {
                    guard SSHCommandLine.flags.contains(letter) else { isElsewhere = true; return }
                    continue
                }
                let rest = letters[(offset + 1)...]
                var value = String(decoding: rest, as: UTF8.self)
                if rest.isEmpty {
                    index += 1
                    value = index < arguments.count ? arguments[index] : ""
                }
                if login == nil { login = SSHCommandLine.login(letter, value) }
                return
            }
        }

        private mutating func destination(at position: Int, placedAt: Int) {
            guard position < arguments.count else { return }
            place = placedAt
            let word = arguments[position]
            let isURL = word.hasPrefix("ssh://")
            var rest = Substring(isURL ? String(word.dropFirst(6)) : word)
            if let at = rest.utf8.lastIndex(of: UInt8(ascii: "@")) {
                let name = rest[..<at]
                if login == nil { login = String(name.prefix { $0 != ";" }) }
                rest = rest[rest.utf8.index(after: at)...]
            }
            host = isURL ? SSHCommandLine.hostOfURL(rest) : String(rest)
        }
    }

    /// The login in `-l login` or `-o User=login`; nil for other options.
    private static func login(_ letter: UInt8, _ value: String) -> String? {
        if letter == UInt8(ascii: "l") { return value }
        guard letter == UInt8(ascii: "o"), let end = value.firstIndex(where: { "= \t".contains($0) }),
            value[..<end].lowercased() == "user"
        else { return nil }
        return String(value[end...].drop { "= \t\"".contains($0) }.prefix { !" \t\"".contains($0) })
    }

    /// `host`, `host:22`, `[address]:22`, with one slash after it or none.
    private static func hostOfURL(_ text: Substring) -> String {
        let rest = text.hasSuffix("/") ? text.dropLast() : text
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") { return String(rest[..<end].dropFirst()) }
        guard let colon = rest.lastIndex(of: ":") else { return String(rest) }
        return String(rest[..<colon])
    }
}
