/// Why talking to an agent did not lead to what was asked.
public enum AgentError: Error, Hashable, Sendable {
    /// A message breaks the rules of RFC 4251.
    case wire(WireError)
    /// A key in a message cannot be used, or does not belong to the certificate.
    case key(KeyError)
    /// A certificate in a message cannot be read.
    case certificate(CertificateError)
    /// The agent answered with a signature that cannot be read.
    case signature(SignatureError)
    /// A constraint that cannot be kept; the text says what it must be.
    case badConstraint(String)
    /// The agent does not know the extension, or would not do what it asks.
    case extensionFailure
    /// A message of a type that is not known here.
    case unknownMessage(UInt8)
    /// The agent said no.
    case failure
    /// The agent answered something else than what was asked.
    case unexpectedReply
}

extension AgentError {
    static func wrap<Value>(_ body: () throws(WireError) -> Value) throws(AgentError) -> Value {
        do { return try body() } catch { throw .wire(error) }
    }

    static func wrapKey<Value>(_ body: () throws(KeyError) -> Value) throws(AgentError) -> Value {
        do { return try body() } catch { throw .key(error) }
    }
}
