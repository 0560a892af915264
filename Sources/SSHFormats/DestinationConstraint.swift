/// Where a key in an agent may be used: from one host to another (OpenSSH's PROTOCOL.agent,
/// `restrict-destination-v00@openssh.com`). An agent that is told of a session's host keys by
/// `session-bind@openssh.com` signs only for hops that a constraint names.
public struct DestinationConstraint: Hashable, Sendable {
    /// A key by which a host is known.
    public struct HostKey: Hashable, Sendable {
        /// The key of the host, or of the authority for its certificate.
        public let key: PublicKey
        /// Whether ``key`` is the authority's.
        public let isCertAuthority: Bool

        /// A key of a host or of an authority.
        public init(_ key: PublicKey, isCertAuthority: Bool = false) {
            self.key = key
            self.isCertAuthority = isCertAuthority
        }
    }

    /// An end of a hop.
    public struct Host: Hashable, Sendable {
        /// The name of the host, for messages and certificates.
        public let name: String
        /// The keys it is known by. At least one.
        public let keys: [HostKey]

        /// A host that is known by these keys.
        ///
        /// - Throws: ``AgentError/badConstraint(_:)`` without a name or a key.
        public init(name: String, keys: [HostKey]) throws(AgentError) {
            guard !name.isEmpty, !keys.isEmpty else { throw .badConstraint("a host has a name and keys") }
            self.name = name
            self.keys = keys
        }
    }

    /// The name of the constraint on the wire.
    public static let extensionName = "restrict-destination-v00@openssh.com"
    /// The most constraints that are read for a key, and the most keys of a host: OpenSSH's limit.
    public static let limit = 1024

    /// Where the hop begins; nil for the host on which the agent runs.
    public let from: Host?
    /// Where it ends.
    public let to: Host
    /// As whom one may log in there, perhaps with patterns; nil for anyone.
    public let user: String?

    /// A hop that is allowed.
    public init(from: Host? = nil, to: Host, user: String? = nil) {
        self.from = from
        self.to = to
        self.user = user
    }

    /// The data of the constraint that allows these hops alone.
    static func data(of constraints: [DestinationConstraint]) -> [UInt8] {
        var writer = WireWriter(capacity: 512)
        for constraint in constraints {
            writer.string { writer in
                write(constraint.from, user: nil, to: &writer)
                write(constraint.to, user: constraint.user, to: &writer)
                writer.string("")
            }
        }
        return writer.bytes
    }

    private static func write(_ host: Host?, user: String?, to writer: inout WireWriter) {
        writer.string { writer in
            writer.string(user ?? "")
            writer.string(host?.name ?? "")
            writer.string("")
            for key in host?.keys ?? [] {
                writer.string(key.key.blob)
                writer.byte(key.isCertAuthority ? 1 : 0)
            }
        }
    }

    /// Reads the data of a constraint.
    static func read(_ data: [UInt8]) throws(AgentError) -> [DestinationConstraint] {
        var reader = WireReader(data)
        var constraints: [DestinationConstraint] = []
        while !reader.isAtEnd {
            guard constraints.count < limit else { throw .badConstraint("at most \(limit) hops") }
            let content = try AgentError.wrap { () throws(WireError) in try reader.string() }
            constraints.append(try DestinationConstraint(content))
        }
        return constraints
    }

    private init(_ content: ArraySlice<UInt8>) throws(AgentError) {
        let (start, end, reserved) = try AgentError.wrap { () throws(WireError) in
            var reader = WireReader(content)
            let parts = (try reader.string(), try reader.string(), try reader.string())
            try reader.end()
            return parts
        }
        guard reserved.isEmpty else { throw .badConstraint("a field for the future is used") }
        let (nobody, from) = try Self.hop(start)
        let (user, to) = try Self.hop(end)
        guard nobody == nil else { throw .badConstraint("a hop begins without a user") }
        guard let to else { throw .badConstraint("a hop ends at a host") }
        self.init(from: from, to: to, user: user)
    }

    private static func hop(_ content: ArraySlice<UInt8>) throws(AgentError) -> (user: String?, host: Host?) {
        var reader = WireReader(content)
        let (user, name, reserved) = try AgentError.wrap { () throws(WireError) in
            (try reader.text(limit: 1024), try reader.text(limit: 1024), try reader.string())
        }
        guard reserved.isEmpty else { throw .badConstraint("a field for the future is used") }
        var keys: [HostKey] = []
        while !reader.isAtEnd {
            guard keys.count < limit else { throw .badConstraint("at most \(limit) keys of a host") }
            let (blob, mark) = try AgentError.wrap { () throws(WireError) in
                (try reader.string(), try reader.byte())
            }
            guard mark <= 1 else { throw .badConstraint("a boolean is 0 or 1") }
            let key = try AgentError.wrapKey { () throws(KeyError) in try PublicKey(blob: blob) }
            keys.append(HostKey(key, isCertAuthority: mark == 1))
        }
        if name.isEmpty, keys.isEmpty { return (user.isEmpty ? nil : user, nil) }
        return (user.isEmpty ? nil : user, try Host(name: name, keys: keys))
    }
}

extension AgentConstraints {
    /// These constraints, and use for these hops alone.
    ///
    /// - Throws: ``AgentError/badConstraint(_:)`` if there are hops already, none are given, or more than
    ///   ``DestinationConstraint/limit``.
    public func restricted(to hops: [DestinationConstraint]) throws(AgentError) -> AgentConstraints {
        guard (1...DestinationConstraint.limit).contains(hops.count),
            !extensions.contains(where: { $0.name == DestinationConstraint.extensionName })
        else { throw .badConstraint("hops stand there once") }
        var constraints = self
        constraints.extensions.append(
            Extension(name: DestinationConstraint.extensionName, data: DestinationConstraint.data(of: hops)))
        return constraints
    }

    /// The hops for which the key may be used alone; nil if there is no such constraint.
    ///
    /// - Throws: ``AgentError/badConstraint(_:)``, ``AgentError/wire(_:)``, ``AgentError/key(_:)`` if there is one that
    ///   cannot be read; the key must then not be held.
    public func destinations() throws(AgentError) -> [DestinationConstraint]? {
        let data = extensions.filter { $0.name == DestinationConstraint.extensionName }.map(\.data)
        guard let first = data.first else { return nil }
        guard data.count == 1 else { throw .badConstraint("hops stand there once") }
        return try DestinationConstraint.read(first)
    }
}
