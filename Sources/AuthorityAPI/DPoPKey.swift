import Crypto
public import SSHFormats

/// A P-256 key that a session is bound to, on the side that holds it (RFC 9449).
public struct DPoPKey: Sendable {
    private let key: P256.Signing.PrivateKey
    /// The first part of every proof, which is always the same.
    private let header: String
    /// As the authority knows it: `ecdsa-sha2-nistp256`.
    public let publicKey: PublicKey

    /// A new key.
    public init() throws(DPoPError) {
        try self.init(P256.Signing.PrivateKey())
    }

    /// A key made before.
    ///
    /// - Parameter rawRepresentation: 32 bytes, as ``rawRepresentation`` gave them.
    /// - Throws: ``DPoPError/badKey``
    public init(rawRepresentation: some Collection<UInt8>) throws(DPoPError) {
        let key: P256.Signing.PrivateKey
        do { key = try P256.Signing.PrivateKey(rawRepresentation: Array(rawRepresentation)) } catch {
            throw .badKey
        }
        try self.init(key)
    }

    private init(_ key: P256.Signing.PrivateKey) throws(DPoPError) {
        self.key = key
        let point = Array(key.publicKey.x963Representation)
        do { publicKey = try PublicKey(p256Point: point) } catch { throw .badKey }
        let x = Base64URL.text(point.dropFirst().prefix(32))
        let y = Base64URL.text(point.dropFirst(33))
        let jwk = #"{"crv":"P-256","kty":"EC","x":"\#(x)","y":"\#(y)"}"#
        header = Base64URL.text(Array(#"{"alg":"ES256","jwk":\#(jwk),"typ":"dpop+jwt"}"#.utf8))
    }

    /// The secret number, 32 bytes: for a file of mode 0600 and nowhere else.
    public var rawRepresentation: [UInt8] { Array(key.rawRepresentation) }

    /// A proof for one request; each has an id of its own and works once.
    ///
    /// - Parameters:
    ///   - url: Scheme, authority and path, exactly as the request will say them in its `Host` and first line; no query.
    ///   - token: The session token that goes along, if any.
    ///   - nonce: What the server gave out last (``APIHeader/dpopNonce``), if it did.
    /// - Throws: ``DPoPError/cannotSign``
    public func proof(
        method: String, url: String, token: String?, nonce: String? = nil, now: UnixTime
    ) throws(DPoPError) -> String {
        let claims = DPoPClaims(
            ath: token.map(DPoPProof.tokenHash), htm: method, htu: url, iat: now.seconds,
            jti: DPoPKey.newID(),
            nonce: nonce)
        return try signed(header + "." + Base64URL.text(APICoding.encode(claims)))
    }

    /// The first two parts of a compact JWS with the third, by ES256 (RFC 7515 §7.1).
    ///
    /// - Throws: ``DPoPError/cannotSign``
    func signed(_ parts: String) throws(DPoPError) -> String {
        do {
            let signature = try key.signature(for: Array(parts.utf8))
            return parts + "." + Base64URL.text(Array(signature.rawRepresentation))
        } catch {
            throw .cannotSign
        }
    }

    /// Signs as an SSH key does (RFC 5656 §3.1.2). What a proof signs begins with Base64URL, what SSH signs does not, so
    /// neither ever counts as the other.
    ///
    /// - Throws: ``DPoPError/cannotSign``
    package func sshSignature(over bytes: [UInt8]) throws(DPoPError) -> Signature {
        do {
            let numbers = Array(try key.signature(for: bytes).rawRepresentation)
            var writer = WireWriter(capacity: 80)
            writer.mpint(numbers.prefix(32))
            writer.mpint(numbers.dropFirst(32))
            return try Signature(algorithm: "ecdsa-sha2-nistp256", bytes: writer.bytes)
        } catch {
            throw .cannotSign
        }
    }

    private static func newID() -> String {
        var generator = SystemRandomNumberGenerator()
        return Base64URL.text((0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }
}

/// What a proof says (RFC 9449 §4.2).
private struct DPoPClaims: Encodable {
    let ath: String?
    let htm: String
    let htu: String
    let iat: UInt64
    let jti: String
    let nonce: String?
}
