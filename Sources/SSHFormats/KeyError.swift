/// Why something is not a key that we can use.
public enum KeyError: Error, Hashable, Sendable {
    /// The bytes break the rules of RFC 4251.
    case wire(WireError)
    /// A type that is not known here, or is not even a name.
    case unknownType(String)
    /// A certificate stands where a plain key must.
    case certificateAsKey(String)
    /// The name before the Base64 differs from the one inside.
    case typeMismatch(named: String, inside: String)
    /// An Ed25519 key that is not 32 bytes long.
    case badLength(Int, expected: Int)
    /// A DSA key. It is never accepted.
    case dsa
    /// A point that is not on its curve, is at infinity, or is written in compressed form.
    case badPoint
    /// An ECDSA key for another curve than its type says.
    case wrongCurve(String)
    /// RSA numbers with which no signature can be checked: even, or out of the range that is read
    /// (1,024…16,384 bits).
    case badRSA(bits: Int)
    /// Too weak to be certified: an RSA modulus below 3,072 bits.
    case tooWeak(bits: Int)
    /// Too large to be certified: an RSA modulus above 8,192 bits only costs time.
    case tooLarge(bits: Int)
    /// Too weak to be certified: an RSA exponent below 65,537.
    case smallExponent
    /// Too weak to be certified: the factors of the RSA modulus lie so close together that Fermat's method finds
    /// them at once.
    case closeFactors
    /// Too weak to be certified: the RSA modulus has a small factor.
    case smallFactor(Int)
    /// Too weak to be certified: an RSA modulus made by Infineon's flawed library (ROCA, CVE-2017-15361).
    case roca
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
