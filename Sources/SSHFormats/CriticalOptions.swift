/// What a certificate demands of the login; a server that does not know one of them must refuse
/// (draft-miller-ssh-cert §4, OpenSSH's PROTOCOL.certkeys).
public struct CriticalOptions: Hashable, Sendable {
    /// `force-command`: run this instead of what the user asks for. An empty text is kept: it runs nothing.
    public var forceCommand: String?
    /// `source-address`: where the login may come from. A value without networks is kept: it means nowhere.
    public var sourceAddress: SourceAddresses?
    /// `verify-required`: the FIDO token must have asked for its PIN or a finger.
    public var verifyRequired: Bool
    /// Options that we have no type for, in the order of their names' bytes. A relying party must refuse if
    /// there are any.
    public private(set) var unknown: [CertificateOption]

    /// No demands.
    public static let none = CriticalOptions()

    private static let known = ["force-command", "source-address", "verify-required"]

    /// The options that have a type.
    public init(
        forceCommand: String? = nil, sourceAddress: SourceAddresses? = nil, verifyRequired: Bool = false
    ) {
        self.forceCommand = forceCommand
        self.sourceAddress = sourceAddress
        self.verifyRequired = verifyRequired
        unknown = []
    }

    /// Adds an option that has no type here.
    ///
    /// - Throws: ``CertificateError/repeatedOption(_:)`` if it has one, or is there already.
    public mutating func add(_ option: CertificateOption) throws(CertificateError) {
        try CertificateOptionList.insert(option, into: &unknown, known: Self.known)
    }

    /// Whether nothing is demanded.
    public var isEmpty: Bool {
        forceCommand == nil && sourceAddress == nil && !verifyRequired && unknown.isEmpty
    }

    /// All of them as they stand on the wire, in order.
    public var options: [CertificateOption] {
        var known: [CertificateOption] = []
        if let forceCommand { known.append(.text("force-command", forceCommand)) }
        if let sourceAddress { known.append(.text("source-address", sourceAddress.description)) }
        if verifyRequired { known.append(.flag("verify-required")) }
        return CertificateOptionList.merge(known, unknown)
    }

    init(reading content: ArraySlice<UInt8>) throws(CertificateError) {
        self.init()
        for option in try CertificateOptionList.read(content) {
            switch option.name {
            case "force-command": forceCommand = try option.textValue()
            case "source-address": sourceAddress = try SourceAddresses(text: try option.textValue())
            case "verify-required":
                try option.checkFlag()
                verifyRequired = true
            default: unknown.append(option)
            }
        }
    }
}
