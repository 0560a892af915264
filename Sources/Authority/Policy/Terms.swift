package import SSHFormats

/// On what terms a grant gives something: all that it says beside who, where and as whom.
package struct Terms: Hashable, Sendable {
    package let scope: Scope
    /// Seconds.
    package let longest: UInt64
    package let devices: Bool
    package let with: Set<FactorRequirement>
    package let from: SourceAddresses?
    package let options: GrantOptions
    package let approve: Approval?
    package let door: Bool
    package let principals: PrincipalForm
    let isAboutAuthority: Bool

    init(_ grant: Grant) {
        scope = grant.scope
        longest = grant.longest
        devices = grant.devices
        with = Set(grant.with)
        from = grant.from
        options = grant.options
        approve = grant.approve
        door = grant.door
        principals = grant.principals
        isAboutAuthority = grant.isAboutAuthority
    }

    /// Each as a few words, always in the same order; what is the same for every grant is left out.
    package var words: [String] {
        var words: [String] = []
        if !isAboutAuthority { words.append("\(PolicyDuration.words(longest)), scope \(scope.rawValue)") }
        if devices { words.append("from an enrolled device") }
        words += with.map(\.words).sorted()
        if let from { words.append("from \(from)") }
        if let approve { words.append("approved by \(approve.count) of group:\(approve.by)") }
        if let command = options.forceCommand { words.append("only the command \(quoted(command))") }
        return words + permissions
    }

    private var permissions: [String] {
        var words: [String] = []
        if !options.permitPTY { words.append("no terminal") }
        if options.permitPortForwarding { words.append("port forwarding") }
        if options.permitAgentForwarding { words.append("agent forwarding") }
        if options.permitX11Forwarding { words.append("X11 forwarding") }
        if options.permitUserRC { words.append("user rc") }
        if principals == .plain { words.append("plain principals") }
        if door { words.append("by the front door") }
        return words
    }
}

extension FactorRequirement {
    /// `totp`, or `totp younger than 15m`.
    var words: String {
        factor.rawValue + (maxAge.map { " younger than \(PolicyDuration.words($0))" } ?? "")
    }
}
