package import Names
package import SSHFormats

/// One permission: who may log in where, as whom, and what the certificate then says.
///
/// One certificate comes from exactly one grant, since options and addresses hold for a whole certificate.
package struct Grant: Hashable, Sendable {
    package let name: Name
    /// Alternatives, never empty, in the order of the policy; so are ``to`` and ``as``.
    package let who: [Who]
    package let to: [Place]
    package let `as`: [LoginRule]
    package let scope: Scope
    /// Longest certificate in seconds, from issue; also what is given if nothing is asked for.
    package let longest: UInt64
    /// Whether only a person's own enrolled device will do.
    package let devices: Bool
    /// Factors beyond the session; all of them are needed.
    package let with: [FactorRequirement]
    /// Where sshd lets the certificate be used from; nil where the grant does not say. A list without entries
    /// is a fault of the policy, so "nowhere" can never come to mean "anywhere".
    package let from: SourceAddresses?
    package let options: GrantOptions
    /// Who else must agree to each certificate, before it is issued (``ApprovalGate``).
    package let approve: Approval?
    /// Whether the front door may make a key for this grant.
    package let door: Bool
    package let principals: PrincipalForm

    /// Whether it is about acts on the authority itself, and not about hosts.
    package var isAboutAuthority: Bool { to.contains(.authority) }

    /// The critical options of its certificates.
    package var criticalOptions: CriticalOptions {
        CriticalOptions(
            forceCommand: options.forceCommand, sourceAddress: from, verifyRequired: options.verifyRequired)
    }

    /// The extensions of its certificates. Never `no-touch-required`: a FIDO key is touched at each use.
    package var extensions: Extensions {
        Extensions(
            permitX11Forwarding: options.permitX11Forwarding,
            permitAgentForwarding: options.permitAgentForwarding,
            permitPortForwarding: options.permitPortForwarding, permitPTY: options.permitPTY,
            permitUserRC: options.permitUserRC)
    }
}

/// Somebody whom a grant is for.
package enum Who: Hashable, Sendable, CustomStringConvertible {
    /// A person or a service; never a device or a host.
    case identity(IdentityID)
    case group(Name)

    package var description: String {
        switch self {
        case .identity(let id): id.description
        case .group(let name): "group:\(name)"
        }
    }
}

/// Something that a grant reaches.
package enum Place: Hashable, Sendable, CustomStringConvertible {
    case host(Name)
    /// Every host with this label.
    case label(Label)
    /// The authority itself; then the only entry.
    case authority

    package var description: String {
        switch self {
        case .host(let name): "host:\(name)"
        case .label(let label): "label:\(label)"
        case .authority: "authority"
        }
    }
}

/// As whom a grant lets in.
package enum LoginRule: Hashable, Sendable, CustomStringConvertible {
    case login(Login)
    /// `$self`: the person's own login, never `root`.
    case own
    /// A role on the authority; only where ``Grant/to`` is the authority.
    case role(AuthorityRole)

    package var description: String {
        switch self {
        case .login(let login): login.text
        case .own: "$self"
        case .role(let role): role.rawValue
        }
    }
}

/// What a certificate is meant to last for.
package enum Scope: String, Hashable, Sendable, CaseIterable {
    /// A working day: one principal per matching entry of the grant.
    case day
    /// One login on one host, within minutes.
    case connection
}

/// A factor that must have been shown, and how many seconds ago at most; nil: at any time in the session.
package struct FactorRequirement: Hashable, Sendable {
    package let factor: Factor
    package let maxAge: UInt64?
}

/// What sshd lets a session do. Everything but a terminal is off unless the grant says so.
package struct GrantOptions: Hashable, Sendable {
    package var forceCommand: String?
    package var permitPTY = true
    package var permitPortForwarding = false
    package var permitAgentForwarding = false
    package var permitX11Forwarding = false
    package var permitUserRC = false
    /// Only for FIDO keys, and sshd wants to see that the token asked for its PIN or a finger.
    package var verifyRequired = false
}

/// So many members of a group must agree.
package struct Approval: Hashable, Sendable {
    package let by: Name
    package let count: UInt64

    package init(by: Name, count: UInt64) {
        self.by = by
        self.count = count
    }
}

/// How principals are written.
package enum PrincipalForm: String, Hashable, Sendable, CaseIterable {
    /// `login@host` and `login@label=value`, for hosts with the agent.
    case placed
    /// Bare logins, signed by the plain-user CA, for hosts without the agent. They count on every such host.
    case plain
}
