/// Why something is not a key that we can use.
public enum KeyError: Error, Hashable, Sendable {
    /// The bytes break the rules of RFC 4251.
    case wire(WireError)
    /// A type that we do not read.
    case unknownType(String)
    /// A certificate stands where a plain key must.
    case certificateAsKey(String)
    /// The name before the Base64 differs from the one inside.
    case typeMismatch(named: String, inside: String)
    /// An Ed25519 key that is not 32 bytes long.
    case badLength(Int, expected: Int)
    /// A point that is not on P-256, is at infinity, or is written in compressed form.
    case badPoint
    /// An ECDSA key for another curve.
    case wrongCurve(String)
    /// RSA numbers with which no signature can be checked: even, or out of the range that is read
    /// (1,024…16,384 bits).
    case badRSA(bits: Int)
    /// Too weak to be certified: an RSA modulus below 3,072 bits.
    case tooWeak(bits: Int)
    /// Too weak to be certified: an RSA exponent below 65,537.
    case smallExponent
    /// An Ed25519 key of small order, for which signatures can be made without a private key.
    case smallOrder
    /// Not a key line or key file at all; the text says what is missing.
    case malformed(String)
    /// The key file is locked by a passphrase, with this cipher.
    case encrypted(String)
    /// The private half does not belong to the public half.
    case halvesDiffer
    /// The cryptographic library refused; the text is its reason.
    case refused(String)
}

extension KeyError {
    static func wrap<Value>(_ body: () throws(WireError) -> Value) throws(KeyError) -> Value {
        do { return try body() } catch { throw .wire(error) }
    }
}
