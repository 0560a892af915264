import Names

/// What somebody asks of the door: `ssh ca.example COMMAND…`.
enum DoorCommand: Hashable, Sendable {
    /// Puts keys and certificates into the forwarded agent.
    case enter
    case whoami
    case hosts
    case explain(login: String, host: String)
    case sign(SignWish)
    case help

    /// Which certificate is wanted for the key on standard input.
    struct SignWish: Hashable, Sendable {
        var grant: String?
        var login: String?
        var host: String?
    }

    /// Longest command line, in bytes.
    static let longest = 1024

    /// The words of a command line. There is no shell: nothing is expanded, and quotes mean nothing.
    static func words(_ line: String) -> [String] {
        guard line.utf8.count <= longest else { return ["?"] }
        return line.utf8.split { [0x20, 0x09].contains($0) }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// nil for anything that is not understood whole.
    init?(_ words: [String]) {
        guard let first = words.first else {
            self = .enter
            return
        }
        var options: [String: String] = [:]
        var plain: [String] = []
        var rest = words.dropFirst()
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else {
                plain.append(word)
                continue
            }
            guard let value = rest.popFirst(), options.updateValue(value, forKey: word) == nil else {
                return nil
            }
        }
        switch (first, plain.count, Set(options.keys)) {
        case ("whoami", 0, []): self = .whoami
        case ("hosts", 0, []): self = .hosts
        case ("help", 0, []): self = .help
        case ("explain", 1, []):
            let parts = plain[0].split(separator: "@", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { return nil }
            self = .explain(login: parts[0], host: parts[1])
        case ("explain", 0, ["--to", "--as"]):
            self = .explain(login: options["--as"] ?? "", host: options["--to"] ?? "")
        case ("sign", 0, let names) where names.isSubset(of: ["--grant", "--as", "--to"]):
            self = .sign(SignWish(grant: options["--grant"], login: options["--as"], host: options["--to"]))
        default: return nil
        }
    }

    static let usage = [
        "ssh -A DOOR                            put today's keys and certificates into your ssh-agent",
        "ssh DOOR sign <KEY.pub >KEY-cert.pub   a certificate for a key of yours; its private half stays with you",
        "    [--grant GRANT] [--as LOGIN] [--to HOST]",
        "ssh DOOR whoami                        who you are to the authority",
        "ssh DOOR hosts                         where you may log in, and what is missing",
        "ssh DOOR explain LOGIN@HOST            why you may or may not",
        "ssh DOOR help                          this",
    ]
}
