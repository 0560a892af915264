/// What a user certificate permits; a server ignores those it does not know (OpenSSH's PROTOCOL.certkeys).
public struct Extensions: Hashable, Sendable {
    /// `permit-X11-forwarding`
    public var permitX11Forwarding: Bool
    /// `permit-agent-forwarding`
    public var permitAgentForwarding: Bool
    /// `permit-port-forwarding`
    public var permitPortForwarding: Bool
    /// `permit-pty`: a terminal.
    public var permitPTY: Bool
    /// `permit-user-rc`: run `~/.ssh/rc`.
    public var permitUserRC: Bool
    /// `no-touch-required`: the FIDO token need not be touched.
    public var noTouchRequired: Bool
    /// Extensions that we have no type for, in the order of their names' bytes.
    public private(set) var unknown: [CertificateOption]

    /// Nothing permitted: what host certificates have.
    public static let none = Extensions()

    /// What `ssh-keygen -s` gives a user certificate when nothing is asked for: all five permissions.
    public static let standard = Extensions(
        permitX11Forwarding: true, permitAgentForwarding: true, permitPortForwarding: true, permitPTY: true,
        permitUserRC: true)

    private static let known = [
        "no-touch-required", "permit-X11-forwarding", "permit-agent-forwarding", "permit-port-forwarding",
        "permit-pty", "permit-user-rc",
    ]

    /// The extensions that have a type; none unless said.
    public init(
        permitX11Forwarding: Bool = false, permitAgentForwarding: Bool = false,
        permitPortForwarding: Bool = false, permitPTY: Bool = false, permitUserRC: Bool = false,
        noTouchRequired: Bool = false
    ) {
        self.permitX11Forwarding = permitX11Forwarding
        self.permitAgentForwarding = permitAgentForwarding
        self.permitPortForwarding = permitPortForwarding
        self.permitPTY = permitPTY
        self.permitUserRC = permitUserRC
        self.noTouchRequired = noTouchRequired
        unknown = []
    }

    /// Adds an extension that has no type here.
    ///
    /// - Throws: ``CertificateError/repeatedOption(_:)`` if it has one, or is there already.
    public mutating func add(_ option: CertificateOption) throws(CertificateError) {
        try CertificateOptionList.insert(option, into: &unknown, known: Self.known)
    }

    /// Whether nothing is permitted.
    public var isEmpty: Bool { self == .none }

    /// All of them as they stand on the wire, in order.
    public var options: [CertificateOption] {
        var known: [CertificateOption] = []
        if noTouchRequired { known.append(.flag("no-touch-required")) }
        if permitX11Forwarding { known.append(.flag("permit-X11-forwarding")) }
        if permitAgentForwarding { known.append(.flag("permit-agent-forwarding")) }
        if permitPortForwarding { known.append(.flag("permit-port-forwarding")) }
        if permitPTY { known.append(.flag("permit-pty")) }
        if permitUserRC { known.append(.flag("permit-user-rc")) }
        return CertificateOptionList.merge(known, unknown)
    }

    init(reading content: ArraySlice<UInt8>) throws(CertificateError) {
        self.init()
        for option in try CertificateOptionList.read(content) {
            switch option.name {
            case "no-touch-required": noTouchRequired = try Self.flag(option)
            case "permit-X11-forwarding": permitX11Forwarding = try Self.flag(option)
            case "permit-agent-forwarding": permitAgentForwarding = try Self.flag(option)
            case "permit-port-forwarding": permitPortForwarding = try Self.flag(option)
            case "permit-pty": permitPTY = try Self.flag(option)
            case "permit-user-rc": permitUserRC = try Self.flag(option)
            default: unknown.append(option)
            }
        }
    }

    private static func flag(_ option: CertificateOption) throws(CertificateError) -> Bool {
        try option.checkFlag()
        return true
    }
}
