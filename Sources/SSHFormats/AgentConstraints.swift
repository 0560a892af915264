/// What an agent shall watch while it holds a key (draft-miller-ssh-agent §3.2.7).
public struct AgentConstraints: Hashable, Sendable {
    /// An extension constraint: its name and one string of data, as OpenSSH's own are written.
    public struct Extension: Hashable, Sendable {
        /// For example `restrict-destination-v00@openssh.com`.
        public let name: String
        /// What it says.
        public let data: [UInt8]

        /// A constraint with this name.
        public init(name: String, data: [UInt8]) {
            self.name = name
            self.data = data
        }
    }

    /// Forget the key after so many seconds; nil: never.
    public var lifetime: UInt32?
    /// Ask the person before each use.
    public var confirm: Bool
    /// Constraints that not every agent knows; one that does not know them must refuse the key.
    public var extensions: [Extension]

    /// No constraints.
    public static let none = AgentConstraints()

    /// These constraints.
    public init(lifetime: UInt32? = nil, confirm: Bool = false, extensions: [Extension] = []) {
        self.lifetime = lifetime
        self.confirm = confirm
        self.extensions = extensions
    }

    /// Whether there are none.
    public var isEmpty: Bool { self == .none }
}

extension AgentConstraints {
    private enum Code {
        static let lifetime: UInt8 = 1
        static let confirm: UInt8 = 2
        static let `extension`: UInt8 = 255
    }

    func write(to writer: inout WireWriter) {
        if let lifetime {
            writer.byte(Code.lifetime)
            writer.uint32(lifetime)
        }
        if confirm { writer.byte(Code.confirm) }
        for constraint in extensions {
            writer.byte(Code.extension)
            writer.string(constraint.name)
            writer.string(constraint.data)
        }
    }

    /// Reads constraints up to the end of the message.
    init(from reader: inout WireReader) throws(WireError) {
        self.init()
        while !reader.isAtEnd {
            switch try reader.byte() {
            case Code.lifetime where lifetime == nil: lifetime = try reader.uint32()
            case Code.confirm where !confirm: confirm = true
            case Code.extension:
                extensions.append(
                    Extension(name: try reader.text(limit: 256), data: Array(try reader.string())))
            default: throw .unexpected("constraint")
            }
        }
    }
}
