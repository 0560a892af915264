/// Why a signature does not count.
public enum SignatureError: Error, Hashable, Sendable {
    /// The bytes break the rules of RFC 4251.
    case wire(WireError)
    /// An algorithm that is never accepted (`ssh-rsa`, which is SHA-1) or not known.
    case refusedAlgorithm(String)
    /// The signature is made by an algorithm that does not belong to the key.
    case wrongAlgorithm(String, key: String)
    /// The length is impossible for the algorithm, in bytes.
    case badLength(Int)
    /// The key cannot check signatures: RSA below 2,048 bits.
    case unusableKey
    /// The signature was not made by this key over these bytes.
    case invalid
}

extension SignatureError {
    static func wrap<Value>(_ body: () throws(WireError) -> Value) throws(SignatureError) -> Value {
        do { return try body() } catch { throw .wire(error) }
    }
}
