/// Why something is not a certificate, or may not become one.
public enum CertificateError: Error, Hashable, Sendable {
    /// The bytes break the rules of RFC 4251.
    case wire(WireError)
    /// The certified key or the key of the authority cannot be used; a certificate in their place is refused
    /// here too.
    case key(KeyError)
    /// The signature cannot be read or does not hold.
    case signature(SignatureError)
    /// A type name that is not that of a certificate we read.
    case unknownType(String)
    /// Neither 1 (user) nor 2 (host).
    case unknownKind(UInt32)
    /// An empty list of principals, which once meant "anyone".
    case noPrincipals
    /// More principals than OpenSSH reads.
    case tooManyPrincipals(Int, limit: Int)
    /// A principal that is empty, longer than 256 bytes, or holds anything but printable ASCII without space,
    /// comma, quotes.
    case badPrincipal(String)
    /// `validAfter` is not before `validBefore`.
    case emptyValidity(after: UnixTime, before: UnixTime)
    /// A key ID with control characters, or longer than 1,024 bytes in a draft.
    case badKeyID
    /// An option whose name is not printable ASCII of 1…256 bytes, or whose data does not belong to it.
    case badOption(String)
    /// The same option twice.
    case repeatedOption(String)
    /// This option stands after one that sorts behind it.
    case misorderedOption(String)
    /// Not an address or network in the form that sshd takes.
    case badSourceAddress(String)
    /// The field for future use is not empty.
    case reservedNotEmpty
    /// A nonce of a length that is not allowed, in bytes.
    case badNonce(Int)
    /// Written again, the bytes would not be the same; so they are not what was understood.
    case notCanonical
    /// What was signed is not what was drafted.
    case differsFromDraft
}

extension CertificateError {
    static func wrap<Value>(_ body: () throws(WireError) -> Value) throws(CertificateError) -> Value {
        do { return try body() } catch { throw .wire(error) }
    }

    static func wrapKey<Value>(_ body: () throws(KeyError) -> Value) throws(CertificateError) -> Value {
        do { return try body() } catch { throw .key(error) }
    }

    static func wrapSignature<Value>(
        _ body: () throws(SignatureError) -> Value
    ) throws(CertificateError) -> Value {
        do { return try body() } catch { throw .signature(error) }
    }
}
