/// A message of an extension (RFC 9987, "Extension mechanism"): its name and what it says.
public struct AgentExtension: Hashable, Sendable {
    /// The name; OpenSSH's own end in `@openssh.com`.
    public let name: String
    /// What follows the name, in the extension's own form.
    public let contents: [UInt8]

    /// A message of this extension.
    public init(name: String, contents: [UInt8] = []) {
        self.name = name
        self.contents = contents
    }

    /// Asks which extensions an agent knows.
    public static let query = AgentExtension(name: "query")
}

/// Says to an agent which session it is asked through: `session-bind@openssh.com` (OpenSSH's PROTOCOL.agent §1).
public struct AgentSessionBinding: Hashable, Sendable {
    /// The name of the extension.
    public static let extensionName = "session-bind@openssh.com"

    /// The key of the server's host, or its certificate.
    public let hostKey: KeyOrCertificate
    /// The session identifier: the hash of the first key exchange.
    public let session: [UInt8]
    /// The host key's signature over ``session``.
    public let signature: Signature
    /// Whether the agent is forwarded to the server, rather than used to log in there.
    public let isForwarding: Bool

    /// A binding of these parts.
    ///
    /// - Throws: ``AgentError/signature(_:)`` if the host key did not sign the session.
    public init(
        hostKey: KeyOrCertificate, session: [UInt8], signature: Signature, isForwarding: Bool
    ) throws(AgentError) {
        do { try hostKey.publicKey.verify(signature, over: session) } catch { throw .signature(error) }
        self.hostKey = hostKey
        self.session = session
        self.signature = signature
        self.isForwarding = isForwarding
    }

    /// Reads the message, and checks the signature.
    ///
    /// - Throws: ``AgentError``
    public init(_ message: AgentExtension) throws(AgentError) {
        guard message.name == Self.extensionName else { throw .wire(.unexpected(Self.extensionName)) }
        let (key, session, signature, mark) = try AgentError.wrap { () throws(WireError) in
            var reader = WireReader(message.contents)
            let parts = (
                try reader.string(), Array(try reader.string(limit: 1024)), try reader.string(limit: 16_384),
                try reader.byte()
            )
            try reader.end()
            return parts
        }
        guard mark <= 1 else { throw .wire(.notCanonical("boolean")) }
        let hostKey: KeyOrCertificate
        do { hostKey = try KeyOrCertificate(blob: key) } catch { throw .certificate(error) }
        let made: Signature
        do { made = try Signature(blob: signature) } catch { throw .signature(error) }
        try self.init(hostKey: hostKey, session: session, signature: made, isForwarding: mark == 1)
    }

    /// The message for the agent.
    public var message: AgentExtension {
        var writer = WireWriter(capacity: 512)
        writer.string(hostKey.blob)
        writer.string(session)
        writer.string(signature.blob)
        writer.byte(isForwarding ? 1 : 0)
        return AgentExtension(name: Self.extensionName, contents: writer.bytes)
    }
}
