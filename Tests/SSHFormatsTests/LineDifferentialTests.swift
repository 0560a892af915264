import SSHFormats
import Testing

/// Thousands of random lines, each file read by `ssh-keygen` in one call.
@Suite struct `Lines against ssh-keygen` {
    @Test(arguments: [70, 71, 72] as [UInt64])
    func
        `1,000 of authorized_keys, whatever their options, have the key and comment that ssh-keygen -l finds`(
            _ seed: UInt64
        ) throws
    {
        var random = Randomness(seed: seed)
        let keys = try RandomLines.keys(&random)
        var lines: [String] = []
        var wanted: [String] = []
        for number in 0..<1_000 {
            let key = keys[random.number(0...keys.count - 1)]
            let options =
                random.flip() ? [] : (1...random.number(1...4)).map { _ in RandomLines.option(&random) }
            let line = try AuthorizedKeysLine(options: options, key: key, comment: "c\(number) of \(seed)")
            let spaced = RandomLines.spaced(line.text, after: options.joined(separator: ","), &random)
            #expect(try AuthorizedKeysLine.parse(spaced) == line, "seed \(seed): \(spaced)")
            lines.append(spaced)
            wanted.append("\(key.fingerprint) c\(number) of \(seed)")
        }
        let found = try RandomLines.fingerprints(of: lines)
        #expect(found == wanted, "seed \(seed)")
    }

    @Test(arguments: [80, 81, 82] as [UInt64])
    func `1,000 damaged ones are read as ssh-keygen -l reads them, or not at all`(_ seed: UInt64) throws {
        var random = Randomness(seed: seed)
        let keys = try RandomLines.keys(&random)
        let sentinel = try Vector.key("ecdsa")
        var damaged: [String] = []
        var lines: [String] = []
        for number in 0..<1_000 {
            let key = keys[random.number(0...keys.count - 1)]
            let words = random.flip() ? RandomLines.option(&random) + " " : RandomLines.host(&random) + " "
            damaged.append(RandomLines.damaged(words + key.text(comment: "x"), &random))
            lines += [damaged[number], sentinel.text(comment: "sentinel \(number)")]
        }
        var rest = try RandomLines.fingerprints(of: lines)[...]
        var accepted = 0
        for (number, line) in damaged.enumerated() {
            let found = rest.prefix { $0 != "\(sentinel.fingerprint) sentinel \(number)" }
            rest = rest.dropFirst(found.count + 1)
            // Names of hosts know no quotations, and -l does not know which of both files it reads.
            let known = line.contains("\"") ? nil : (try? KnownHostsLine.parse(line)) ?? nil
            let ours = ((try? AuthorizedKeysLine.parse(line)) ?? nil)?.key ?? known?.key
            guard let ours else { continue }
            accepted += 1
            #expect(
                found.count == 1 && found.first?.hasPrefix(ours.fingerprint.description) == true,
                "seed \(seed): \(line)")
        }
        #expect(rest.isEmpty)
        #expect(accepted > 100, "seed \(seed): \(accepted)")
    }

    @Test(arguments: [90, 91, 92] as [UInt64])
    func `1,000 of known_hosts speak for the names that ssh-keygen -F finds in them`(_ seed: UInt64) throws {
        var random = Randomness(seed: seed)
        let keys = try RandomLines.keys(&random)
        let lines = try (0..<1_000).map { number in
            try KnownHostsLine(
                marker: [nil, nil, nil, .certAuthority, .revoked][random.number(0...4)],
                hosts: (0...random.number(0...3)).map { _ in RandomLines.pattern(&random) },
                key: keys[random.number(0...keys.count - 1)], comment: random.flip() ? "" : "c\(number)")
        }
        for line in lines { #expect(try KnownHostsLine.parse(line.text) == line, "seed \(seed)") }
        let keygen = try SSHKeygen()
        try keygen.write(lines.map { $0.text + "\n" }.joined(), to: "known")
        var matches = 0
        for _ in 0..<30 {
            let host = RandomLines.host(&random)
            let found = try RandomLines.found(host, by: keygen)
            let wanted = lines.enumerated().filter { $0.element.matches(host) }.map { index, line in
                "\(index + 1)" + RandomLines.mark(line.marker)
            }
            matches += wanted.count
            #expect(found == wanted, "seed \(seed): \(host)")
        }
        #expect(matches > 100 && matches < 29_000, "seed \(seed): \(matches)")
    }

    @Test(arguments: [95, 96] as [UInt64])
    func `500 hashed by ssh-keygen -H speak for the names that ssh-keygen -F finds in them`(
        _ seed: UInt64
    ) throws {
        var random = Randomness(seed: seed)
        let keys = try RandomLines.keys(&random)
        let keygen = try SSHKeygen()
        let plain = try (0..<500).map { _ in
            try KnownHostsLine(
                hosts: [RandomLines.host(&random)], key: keys[random.number(0...keys.count - 1)])
        }
        try keygen.write(plain.map { $0.text + "\n" }.joined(), to: "known")
        try keygen.run(["-H", "-f", "known"])
        let hashed = try keygen.text("known").split(separator: "\n").compactMap {
            try KnownHostsLine.parse(String($0))
        }
        #expect(hashed.count == 500 && hashed.allSatisfy { $0.hosts.first?.hasPrefix("|1|") == true })
        #expect(hashed.map(\.key) == plain.map(\.key))
        for _ in 0..<20 {
            let host = RandomLines.host(&random)
            let found = try RandomLines.found(host, by: keygen)
            #expect(found == hashed.indices.filter { hashed[$0].matches(host) }.map { "\($0 + 1)" })
            #expect(found == plain.indices.filter { plain[$0].matches(host) }.map { "\($0 + 1)" })
        }
    }
}

/// What the lines are made of.
private enum RandomLines {
    static func keys(_ random: inout Randomness) throws -> [PublicKey] {
        try (0..<20).map { _ in try PrivateKey(ed25519Seed: random.bytes(32)).publicKey }
            + (0..<5).map { _ in try PrivateKey.generate(.ecdsaP256).publicKey }
            + ["rsa", "ecdsa", "ed25519"].map { try Vector.key($0) }
    }

    /// Words with and without values; values with blanks, commas, remarks, backslashes and quotation marks in them.
    static func option(_ random: inout Randomness) -> String {
        let words = ["restrict", "no-pty", "cert-authority", "X11-forwarding", "port-forwarding"]
        guard random.flip() else { return words[random.number(0...words.count - 1)] }
        let names = ["command", "from", "principals", "environment", "permitopen", "expiry-time"]
        let pieces = ["a", "b c", ",", " ", "\t", "#", "\\\"", "\\", "=", "ssh-ed25519 ", "AAAA", "é", "'"]
        var value = ""
        for _ in 0..<random.number(0...8) { value += pieces[random.number(0...pieces.count - 1)] }
        // Control characters are refused in what we write; a backslash at the end would take the closing mark with it.
        value = value.filter { $0 != "\t" }
        while value.hasSuffix("\\") { value.removeLast() }
        return "\(names[random.number(0...names.count - 1)])=\"\(value)\""
    }

    /// A name as ssh looks it up; few letters, so that there are matches.
    static func host(_ random: inout Randomness) -> String {
        let name = random.text(1...3, of: 0x61...0x63)
        switch random.number(0...5) {
        case 0: return name
        case 1: return "[\(name)]:\(random.number(2222...2223))"
        case 2: return "192.0.2.\(random.number(1...4))"
        case 3: return "2001:db8::\(random.number(1...4))"
        default: return "\(name).example.\(random.flip() ? "com" : "org")"
        }
    }

    static func pattern(_ random: inout Randomness) -> String {
        var bytes = Array(host(&random).utf8)
        for _ in 0..<random.number(0...2) {
            bytes[random.number(0...bytes.count - 1)] = random.flip() ? UInt8(ascii: "*") : UInt8(ascii: "?")
        }
        var text = String(decoding: bytes, as: UTF8.self)
        if random.number(0...9) == 0 { text = text.uppercased() }
        return (random.number(0...5) == 0 ? "!" : "") + text
    }

    /// Other blanks where blanks are: before, behind, and between options and key; there -l takes one alone.
    static func spaced(_ text: String, after options: String, _ random: inout Randomness) -> String {
        let blanks = ["", " ", "\t", "  \t "]
        let key = options.isEmpty ? text[...] : text.dropFirst(options.count + 1)
        let middle = options.isEmpty ? "" : blanks[random.number(1...2)]
        return blanks[random.number(0...3)] + options + middle + key + blanks[random.number(0...3)]
    }

    /// One to three bytes changed, doubled or left out, or the end cut off.
    static func damaged(_ text: String, _ random: inout Randomness) -> String {
        var bytes = Array(text.utf8)
        let letters = Array("\"\\ ,#=A/+@|*\t-1".utf8)
        for _ in 0..<random.number(0...2) where !bytes.isEmpty {
            let at = random.number(0...min(bytes.count - 1, random.flip() ? 40 : 400))
            switch random.number(0...3) {
            case 0: bytes[at] = letters[random.number(0...letters.count - 1)]
            case 1: bytes.insert(letters[random.number(0...letters.count - 1)], at: at)
            case 2: bytes.remove(at: at)
            default: bytes.removeLast(random.number(0...min(3, bytes.count)))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Fingerprint and comment of each key that `ssh-keygen -l` finds.
    static func fingerprints(of lines: [String]) throws -> [String] {
        let keygen = try SSHKeygen()
        try keygen.write(lines.map { $0 + "\n" }.joined(), to: "lines")
        return try keygen.run(["-l", "-f", "lines"]).output.split(separator: "\n").map { line in
            let words = line.split(separator: " ", maxSplits: 1).last ?? ""
            return String(words[..<(words.lastIndex(of: " ") ?? words.endIndex)]).trimmed
        }
    }

    /// Numbers of the lines of `known` that `ssh-keygen -F` finds, with what it says of them.
    static func found(_ host: String, by keygen: SSHKeygen) throws -> [String] {
        try keygen.run(["-F", host, "-f", "known"]).output.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("# Host \(host) found: line ") else { return nil }
            return String(line.dropFirst("# Host \(host) found: line ".count)).trimmed
        }
    }

    static func mark(_ marker: KnownHostsLine.Marker?) -> String {
        switch marker {
        case .certAuthority: " CA"
        case .revoked: " REVOKED"
        case nil: ""
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = self
        while text.hasSuffix(" ") || text.hasSuffix("\t") { text.removeLast() }
        return text
    }
}
