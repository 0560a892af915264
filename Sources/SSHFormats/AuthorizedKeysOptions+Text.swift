extension AuthorizedKeysOptions {
    /// The options as words, in a fixed order, each as it stands in the line.
    public var words: [String] {
        var words = flags
        if let command { words.append(Self.word("command", command)) }
        if let from { words.append(Self.word("from", from)) }
        if let principals { words.append(Self.word("principals", principals)) }
        if let expiryTime { words.append(Self.word("expiry-time", AbsoluteTime.text(expiryTime))) }
        words += environment.map { Self.word("environment", "\($0.name)=\($0.value)") }
        words += permitOpen.map { Self.word("permitopen", $0.text) }
        words += permitListen.map { Self.word("permitlisten", $0.text) }
        switch tunnel {
        case .any: words.append(Self.word("tunnel", "any"))
        case .number(let number): words.append(Self.word("tunnel", String(number)))
        case nil: break
        }
        return words
    }

    private var flags: [String] {
        var words: [String] = []
        if isCertAuthority { words.append("cert-authority") }
        if isRestricted { words.append("restrict") }
        let permissions = [
            (permitsPortForwarding, "port-forwarding"), (permitsAgentForwarding, "agent-forwarding"),
            (permitsX11Forwarding, "X11-forwarding"), (permitsPTY, "pty"), (permitsUserRC, "user-rc"),
        ]
        for (isOn, name) in permissions where isOn == isRestricted {
            words.append(isOn ? name : "no-" + name)
        }
        if !requiresTouch { words.append("no-touch-required") }
        if requiresVerification { words.append("verify-required") }
        return words
    }

    private static func word(_ name: String, _ value: String) -> String {
        name + "=" + String(decoding: OptionScanner.quoted(value.utf8), as: UTF8.self)
    }
}

extension AuthorizedKeysOptions.Forward {
    var text: String {
        let name = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        return name + ":" + (port.map(String.init) ?? "*")
    }
}

extension AuthorizedKeysOptions: CustomStringConvertible {
    /// The options with commas between them.
    public var description: String { words.joined(separator: ",") }
}

extension AuthorizedKeysLine {
    /// What the options mean.
    ///
    /// - Parameter utcOffset: How many seconds the clock of the reader is ahead of UTC, for dates without `Z`.
    /// - Throws: ``AuthorizedKeysError`` where sshd refuses the line.
    public func settings(utcOffset: Int64 = 0) throws(AuthorizedKeysError) -> AuthorizedKeysOptions {
        try AuthorizedKeysOptions(text: options.joined(separator: ","), utcOffset: utcOffset)
    }

    /// A line with these options.
    ///
    /// - Throws: ``KeyError/malformed(_:)`` for a value that would not be read back, and for control characters.
    public init(settings: AuthorizedKeysOptions, key: PublicKey, comment: String = "") throws(KeyError) {
        try self.init(options: settings.words, key: key, comment: comment)
        guard (try? self.settings()) == settings else { throw .malformed("option") }
    }
}
