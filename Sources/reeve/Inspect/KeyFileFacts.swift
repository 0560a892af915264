import SSHFormats

/// Lines of authorized_keys, known_hosts or allowed_signers, one after the other; each says by itself what it is.
struct KeyFileFacts: InspectedFacts {
    struct Line: Encodable {
        let number: Int
        /// `public key`, `certificate`, `authorized_keys`, `known_hosts`, `allowed_signers`; nil for a line that cannot be
        /// read.
        var format: String?
        /// `@cert-authority` or `@revoked`.
        var marker: String?
        /// Of known_hosts.
        var hosts: [String]?
        /// Of allowed_signers.
        var principals: String?
        /// Of authorized_keys and allowed_signers, as they stand there.
        var options: [String]?
        var type: String?
        var bits: Int?
        var fingerprint: String?
        var comment: String?
        /// Why the line cannot be read.
        var problem: String?
    }

    let kind = "lines"
    let entries: [Line]

    private enum CodingKeys: String, CodingKey {
        case kind
        case entries = "lines"
    }

    /// - Throws: ``Fault`` if no line can be read.
    init(_ text: String) throws {
        var entries: [Line] = []
        for (index, line) in Inspected.textLines(text).enumerated() {
            let words = line.drop { $0 == " " || $0 == "\t" }
            guard !words.isEmpty, !words.hasPrefix("#") else { continue }
            entries.append(Self.line(String(words), number: index + 1))
        }
        guard let first = entries.first else { throw Inspected.unknown("a text of remarks") }
        guard entries.contains(where: { $0.problem == nil }) else {
            throw Inspected.unknown(
                "a text of no kind that is known here (line \(first.number): \(first.problem ?? ""))")
        }
        self.entries = entries
    }

    var lines: [String] {
        entries.map { line in
            guard line.problem == nil else {
                return "line \(line.number): cannot be read: \(line.problem ?? "")"
            }
            let names =
                [line.marker, line.principals].compactMap { $0 } + (line.hosts ?? []) + (line.options ?? [])
            let key = [line.type, line.bits.map { "\($0) bits" }, line.fingerprint, line.comment]
            return (["line \(line.number), \(line.format ?? ""):"] + names + key.compactMap { $0 })
                .joined(separator: " ")
        }
    }

    private static func line(_ text: String, number: Int) -> Line {
        var line = Line(number: number)
        do { try line.read(text) } catch { line.problem = Fault(error).happened }
        return line
    }
}

extension KeyFileFacts.Line {
    /// The options of authorized_keys that OpenSSH knows, without their values.
    private static let optionNames: Set<String> = [
        "agent-forwarding", "cert-authority", "command", "environment", "expiry-time", "from",
        "no-agent-forwarding", "no-port-forwarding", "no-pty", "no-touch-required", "no-user-rc",
        "no-x11-forwarding", "permitlisten", "permitopen", "port-forwarding", "principals", "pty", "restrict",
        "tunnel", "user-rc", "verify-required", "x11-forwarding",
    ]

    fileprivate mutating func read(_ text: String) throws {
        let first = String(text.prefix { $0 != " " && $0 != "\t" })
        if Inspected.isCertificateName(first) {
            let certificate = try SeenCertificate(text: text)
            format = "certificate"
            type = certificate.typeName
            bits = certificate.publicKey?.bits
            fingerprint = Fingerprint(of: certificate.key).description
        } else if !first.hasPrefix("@"), Inspected.isKeyName(first) || Self.isOptions(first) {
            guard let line = try AuthorizedKeysLine.parse(text) else { return }
            options = line.options.isEmpty ? nil : line.options
            take(line.key, as: line.options.isEmpty ? "public key" : "authorized_keys", comment: line.comment)
        } else if Self.isAllowedSigner(text, first) {
            guard let line = try AllowedSignersLine.parse(text) else { return }
            principals = line.principals
            options = line.options.isEmpty ? nil : line.options
            take(line.key.publicKey, as: "allowed_signers", comment: line.comment)
            type = line.key.typeName
        } else if let line = try KnownHostsLine.parse(text) {
            marker = line.marker?.rawValue
            hosts = line.hosts
            take(line.key, as: "known_hosts", comment: line.comment)
        }
    }

    private mutating func take(_ key: PublicKey, as format: String, comment: String) {
        self.format = format
        type = key.type.name
        bits = key.bits
        fingerprint = key.fingerprint.description
        self.comment = comment.isEmpty ? nil : comment
    }

    /// Names of signers look like addresses, or have options behind them, which hosts do not.
    private static func isAllowedSigner(_ text: String, _ first: String) -> Bool {
        guard !first.hasPrefix("@") else { return false }
        let second = text.dropFirst(first.count).drop { $0 == " " || $0 == "\t" }
        let options = ["cert-authority", "namespaces=", "valid-after=", "valid-before="]
        return first.contains("@") || options.contains(where: second.lowercased().hasPrefix)
    }

    /// Whether the first word is an option of authorized_keys rather than a host.
    private static func isOptions(_ word: String) -> Bool {
        optionNames.contains(word.prefix { $0 != "," && $0 != "=" }.lowercased())
    }
}

extension AllowedSignersLine {
    /// For people.
    fileprivate var options: [String] {
        [
            isCertAuthority ? "cert-authority" : nil, namespaces.map { "namespaces=\($0)" },
            validAfter.map { "valid-after=\(Moment.text($0.seconds))" },
            validBefore.map { "valid-before=\(Moment.text($0.seconds))" },
        ].compactMap { $0 }
    }
}
