extension AgentRequest {
    /// The whole message, with its length before it. It may hold a private key.
    ///
    /// - Throws: ``AgentError/key(_:)`` if the key is not the certificate's, ``AgentError/wire(_:)`` if it is
    ///   too long.
    public func encoded() throws(AgentError) -> [UInt8] {
        let message = try unboundedMessage()
        guard message.count - 4 <= AgentFrame.limit else {
            throw .wire(.tooLong(message.count - 4, limit: AgentFrame.limit))
        }
        return message
    }

    /// Reads a whole message, with its length before it.
    ///
    /// - Throws: ``AgentError``
    public init(message: some Collection<UInt8>) throws(AgentError) {
        var (code, reader) = try AgentError.wrap { () throws(WireError) in try AgentFrame.open(message) }
        switch code {
        case AgentFrame.Code.requestIdentities: self = .requestIdentities
        case AgentFrame.Code.removeAllIdentities: self = .removeAll
        case AgentFrame.Code.lock:
            self = .lock(
                passphrase: try AgentError.wrap { () throws(WireError) in Array(try reader.string()) })
        case AgentFrame.Code.unlock:
            self = .unlock(
                passphrase: try AgentError.wrap { () throws(WireError) in Array(try reader.string()) })
        case AgentFrame.Code.extension:
            self = .extension(
                try AgentError.wrap { () throws(WireError) in try AgentExtension(from: &reader) })
        case AgentFrame.Code.removeIdentity:
            self = .remove(
                keyBlob: try AgentError.wrap { () throws(WireError) in Array(try reader.string()) })
        case AgentFrame.Code.signRequest:
            self = try AgentError.wrap { () throws(WireError) in try Self.sign(&reader) }
        case AgentFrame.Code.addIdentity:
            self = try Self.add(&reader) { _ throws(WireError) in AgentConstraints() }
        case AgentFrame.Code.addConstrained:
            self = try Self.add(&reader) { reader throws(WireError) in
                try AgentConstraints(from: &reader)
            }
        default: throw .unknownMessage(code)
        }
        try AgentError.wrap { () throws(WireError) in try reader.end() }
    }

    private func unboundedMessage() throws(AgentError) -> [UInt8] {
        switch self {
        case .requestIdentities: return AgentFrame.message(AgentFrame.Code.requestIdentities)
        case .removeAll: return AgentFrame.message(AgentFrame.Code.removeAllIdentities)
        case .remove(let blob):
            return AgentFrame.message(AgentFrame.Code.removeIdentity) { $0.string(blob) }
        case .lock(let passphrase):
            return AgentFrame.message(AgentFrame.Code.lock) { $0.string(passphrase) }
        case .unlock(let passphrase):
            return AgentFrame.message(AgentFrame.Code.unlock) { $0.string(passphrase) }
        case .extension(let message):
            return AgentFrame.message(AgentFrame.Code.extension) { message.write(to: &$0) }
        case .sign(let blob, let data, let flags):
            return AgentFrame.message(AgentFrame.Code.signRequest) {
                $0.string(blob)
                $0.string(data)
                $0.uint32(flags.rawValue)
            }
        case .addIdentity(let key, let comment, let constraints):
            return Self.message(adding: key.agentPayload, comment, constraints)
        case .addCertificate(let certificate, let key, let comment, let constraints):
            let payload = try AgentError.wrapKey { () throws(KeyError) in
                try key.agentPayload(with: certificate)
            }
            return Self.message(adding: payload, comment, constraints)
        }
    }

    private static func message(
        adding payload: [UInt8], _ comment: String, _ constraints: AgentConstraints
    ) -> [UInt8] {
        let code = constraints.isEmpty ? AgentFrame.Code.addIdentity : AgentFrame.Code.addConstrained
        return AgentFrame.message(code) {
            $0.raw(payload)
            $0.string(comment)
            constraints.write(to: &$0)
        }
    }

    private static func sign(_ reader: inout WireReader) throws(WireError) -> AgentRequest {
        .sign(
            keyBlob: Array(try reader.string()), data: Array(try reader.string()),
            flags: AgentSignFlags(rawValue: try reader.uint32()))
    }

    /// Reads a key or certificate with comment, and what follows by `constraints`.
    private static func add(
        _ reader: inout WireReader,
        constraints: (inout WireReader) throws(WireError) -> AgentConstraints
    ) throws(AgentError) -> AgentRequest {
        let name = try AgentError.wrap { () throws(WireError) in try reader.text(limit: 256) }
        let certificate = try KeyType(certificateName: name) == nil ? nil : certificate(&reader)
        let key = try AgentError.wrapKey { () throws(KeyError) in
            try PrivateKey(named: name, beside: certificate?.publicKey, from: &reader)
        }
        let (comment, constraints) = try AgentError.wrap { () throws(WireError) in
            (try reader.text(), try constraints(&reader))
        }
        guard let certificate else { return .addIdentity(key, comment: comment, constraints: constraints) }
        return .addCertificate(certificate, key, comment: comment, constraints: constraints)
    }

    private static func certificate(_ reader: inout WireReader) throws(AgentError) -> Certificate {
        let blob = try AgentError.wrap { () throws(WireError) in try reader.string() }
        do {
            return try Certificate(blob: blob)
        } catch {
            throw .certificate(error)
        }
    }
}

extension AgentExtension {
    /// Reads a message up to its end.
    init(from reader: inout WireReader) throws(WireError) {
        self.init(
            name: try reader.text(limit: 256), contents: Array(try reader.raw(reader.left)))
    }

    func write(to writer: inout WireWriter) {
        writer.string(name)
        writer.raw(contents)
    }
}

extension PrivateKey {
    /// Reads the fields of a key as agents send them, beside the public half of a certificate if there is
    /// one.
    fileprivate init(
        named name: String, beside publicKey: PublicKey?, from reader: inout WireReader
    ) throws(KeyError) {
        if let publicKey {
            guard publicKey.type.certificateName == name else {
                throw .typeMismatch(named: name, inside: publicKey.type.certificateName)
            }
            try self.init(try PrivateNumbers(beside: publicKey, from: &reader))
            return
        }
        guard let type = KeyType(name: name) else { throw .unknownType(name) }
        try self.init(try PrivateNumbers(of: type, from: &reader))
    }
}
