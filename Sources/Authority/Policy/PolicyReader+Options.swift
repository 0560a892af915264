extension PolicyReader {
    /// The longest `forceCommand`, in bytes.
    private static let commandLimit = 4_096

    /// What the keys of `options` set. Computed, since key paths are not `Sendable`.
    private static var permissions: [(key: String, path: WritableKeyPath<GrantOptions, Bool>)] {
        [
            ("permitPTY", \.permitPTY), ("permitPortForwarding", \.permitPortForwarding),
            ("permitAgentForwarding", \.permitAgentForwarding),
            ("permitX11Forwarding", \.permitX11Forwarding),
            ("permitUserRC", \.permitUserRC), ("verifyRequired", \.verifyRequired),
        ]
    }

    mutating func options(_ value: PolicyValue) -> GrantOptions? {
        let known = ["forceCommand"] + Self.permissions.map(\.key)
        guard let fields = fields(value, optional: known) else { return nil }
        guard !fields.isEmpty else { return fault(value, "is empty; leave it out") }
        var options = GrantOptions()
        for (key, path) in Self.permissions {
            guard let field = fields[key], let flag = flag(field) else { continue }
            options[keyPath: path] = flag
        }
        options.forceCommand = fields["forceCommand"].flatMap { forceCommand($0) }
        return options
    }

    /// nil for a plain `null`, the only place where that is allowed.
    private mutating func forceCommand(_ value: PolicyValue) -> String? {
        if case .absent = value.content { return nil }
        guard let text = text(value) else { return nil }
        guard (1...Self.commandLimit).contains(text.utf8.count) else {
            return fault(value, "must have 1 to \(Self.commandLimit) bytes")
        }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            return fault(value, "must not have control characters or line breaks")
        }
        return text
    }
}
