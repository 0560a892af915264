/// What an SSH agent answers (draft-miller-ssh-agent §3).
public enum AgentReply: Hashable, Sendable {
    /// Done.
    case success
    /// Not done.
    case failure
    /// The keys and certificates held.
    case identities([AgentIdentity])
    /// The signature asked for.
    case signature(Signature)
    /// What an extension answers, beyond ``success``.
    case `extension`(AgentExtension)
    /// The extension is known, but said no.
    case extensionFailure
}

/// A key or certificate that an agent holds.
public struct AgentIdentity: Hashable, Sendable {
    /// Of a key or of a certificate, perhaps of a type that we do not read.
    public let blob: [UInt8]
    /// The name given when it was added; bytes that are not UTF-8 are replaced.
    public let comment: String

    /// An identity with this blob.
    public init(blob: [UInt8], comment: String) {
        self.blob = blob
        self.comment = comment
    }

    /// The key, if it is a plain key of a type that we read.
    public var publicKey: PublicKey? { try? PublicKey(blob: blob) }

    /// The certificate, if it is one that we read.
    public var certificate: Certificate? { try? Certificate(blob: blob) }
}

extension AgentReply {
    /// The whole message, with its length before it.
    public var encoded: [UInt8] {
        switch self {
        case .success: AgentFrame.message(AgentFrame.Code.success)
        case .failure: AgentFrame.message(AgentFrame.Code.failure)
        case .extensionFailure: AgentFrame.message(AgentFrame.Code.extensionFailure)
        case .extension(let message):
            AgentFrame.message(AgentFrame.Code.extensionResponse) { message.write(to: &$0) }
        case .signature(let signature):
            AgentFrame.message(AgentFrame.Code.signResponse) { $0.string(signature.blob) }
        case .identities(let identities):
            AgentFrame.message(AgentFrame.Code.identitiesAnswer) {
                $0.uint32(UInt32(clamping: identities.count))
                for identity in identities {
                    $0.string(identity.blob)
                    $0.string(identity.comment)
                }
            }
        }
    }

    /// Reads a whole message, with its length before it.
    ///
    /// - Throws: ``AgentError``
    public init(message: some Collection<UInt8>) throws(AgentError) {
        var (code, reader) = try AgentError.wrap { () throws(WireError) in try AgentFrame.open(message) }
        switch code {
        case AgentFrame.Code.success: self = .success
        case AgentFrame.Code.failure: self = .failure
        case AgentFrame.Code.extensionFailure: self = .extensionFailure
        case AgentFrame.Code.extensionResponse:
            self = .extension(
                try AgentError.wrap { () throws(WireError) in try AgentExtension(from: &reader) })
        case AgentFrame.Code.signResponse: self = .signature(try Self.signature(&reader))
        case AgentFrame.Code.identitiesAnswer:
            self = .identities(try AgentError.wrap { () throws(WireError) in try Self.identities(&reader) })
        default: throw .unknownMessage(code)
        }
        try AgentError.wrap { () throws(WireError) in try reader.end() }
    }

    private static func signature(_ reader: inout WireReader) throws(AgentError) -> Signature {
        let blob = try AgentError.wrap { () throws(WireError) in try reader.string(limit: 17_000) }
        do {
            return try Signature(blob: blob)
        } catch {
            throw .signature(error)
        }
    }

    private static func identities(_ reader: inout WireReader) throws(WireError) -> [AgentIdentity] {
        let count = try reader.uint32()
        var identities: [AgentIdentity] = []
        for _ in 0..<count {
            let blob = Array(try reader.string())
            let comment = String(decoding: try reader.string(), as: UTF8.self)
            identities.append(AgentIdentity(blob: blob, comment: comment))
        }
        return identities
    }
}
