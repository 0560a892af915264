/// Carries one message to an agent and brings the answer; the socket is somebody else's.
public protocol AgentTransport {
    /// Sends these bytes as they are, a whole message with its length before it, and returns the whole
    /// answer, likewise with its length. ``AgentFrame/bodyLength(_:)`` says how much to read after the first
    /// four bytes.
    mutating func exchange(_ request: [UInt8]) throws -> [UInt8]
}

/// Asks an SSH agent, one thing after another. All methods throw ``AgentError`` or what the transport throws.
public struct AgentClient<Transport: AgentTransport> {
    private var transport: Transport

    /// A client that talks through this transport.
    public init(_ transport: Transport) {
        self.transport = transport
    }

    /// The keys and certificates that the agent holds.
    public mutating func identities() throws -> [AgentIdentity] {
        guard case .identities(let identities) = try ask(.requestIdentities) else {
            throw AgentError.unexpectedReply
        }
        return identities
    }

    /// Has these data signed by the key of this blob. The signature is not checked here.
    public mutating func sign(
        _ data: [UInt8], with keyBlob: [UInt8], flags: AgentSignFlags = .rsaSHA512
    ) throws -> Signature {
        let request = AgentRequest.sign(keyBlob: keyBlob, data: data, flags: flags)
        guard case .signature(let signature) = try ask(request) else { throw AgentError.unexpectedReply }
        return signature
    }

    /// Hands a key over.
    public mutating func add(
        _ key: PrivateKey, comment: String, constraints: AgentConstraints = .none
    ) throws {
        try order(.addIdentity(key, comment: comment, constraints: constraints))
    }

    /// Hands a key over for use with this certificate.
    public mutating func add(
        _ certificate: Certificate, key: PrivateKey, comment: String, constraints: AgentConstraints = .none
    ) throws {
        try order(.addCertificate(certificate, key, comment: comment, constraints: constraints))
    }

    /// Has the key or certificate of this blob forgotten.
    public mutating func remove(_ keyBlob: [UInt8]) throws {
        try order(.remove(keyBlob: keyBlob))
    }

    /// Has everything forgotten.
    public mutating func removeAll() throws {
        try order(.removeAll)
    }

    /// Has the agent answer nothing until ``unlock(passphrase:)``.
    public mutating func lock(passphrase: [UInt8]) throws {
        try order(.lock(passphrase: passphrase))
    }

    /// Has a locked agent answer again.
    public mutating func unlock(passphrase: [UInt8]) throws {
        try order(.unlock(passphrase: passphrase))
    }

    /// Says which session the agent is asked through, so that it can keep destination constraints.
    public mutating func bind(_ session: AgentSessionBinding) throws {
        try order(.extension(session.message))
    }

    /// The names of the extensions that the agent says it knows; nil if it does not answer that question, as
    /// OpenSSH's does not before 10.
    public mutating func extensions() throws -> [String]? {
        let reply: AgentReply
        do { reply = try ask(.extension(.query)) } catch AgentError.failure, AgentError.extensionFailure {
            return nil
        }
        guard case .extension(let message) = reply, message.name == AgentExtension.query.name else {
            throw AgentError.unexpectedReply
        }
        var reader = WireReader(message.contents)
        var names: [String] = []
        while !reader.isAtEnd { names.append(try reader.text(limit: 256)) }
        return names
    }

    private mutating func order(_ request: AgentRequest) throws {
        guard case .success = try ask(request) else { throw AgentError.unexpectedReply }
    }

    private mutating func ask(_ request: AgentRequest) throws -> AgentReply {
        let reply = try AgentReply(message: try transport.exchange(try request.encoded()))
        guard reply != .failure else { throw AgentError.failure }
        guard reply != .extensionFailure else { throw AgentError.extensionFailure }
        return reply
    }
}

extension AgentClient: Sendable where Transport: Sendable {}
