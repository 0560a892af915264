import Crypto
public import SSHFormats

/// A verified DPoP proof (RFC 9449 §4): the caller holds this P-256 key and meant this request, just now.
///
/// Whether `id` was seen before is for the caller to say: see RFC 9449 §11.1.
public struct DPoPProof: Hashable, Sendable {
    /// Longest proof that is looked at, in bytes.
    public static let longest = 2048

    /// The key that signed, as `ecdsa-sha2-nistp256`.
    public let key: PublicKey
    /// `jti`: 1 to 64 visible ASCII characters.
    public let id: String
    /// `iat`.
    public let issuedAt: UnixTime

    /// Verifies the value of a `DPoP` header field.
    ///
    /// - Parameters:
    ///   - url: Scheme, authority and path of the request, without query and fragment; compared byte by byte.
    ///   - token: The session token that came along; nil where none did, and then `ath` is refused.
    ///   - tolerance: How far `iat` may be from `now` either way, in seconds.
    /// - Throws: ``DPoPError``
    public init(
        verifying header: String, method: String, url: String, token: String?, now: UnixTime,
        tolerance: UInt64 = 60
    ) throws(DPoPError) {
        guard header.utf8.count <= DPoPProof.longest else { throw .tooLong }
        let jws = try CompactJWS(Array(header.utf8))
        let key = try DPoPProof.key(of: jws.header)
        let claims = jws.payload
        guard try claims.text("htm") == method else { throw .wrongMethod }
        guard try claims.text("htu") == url else { throw .wrongURL }
        issuedAt = try DPoPProof.time(in: claims, now: now, tolerance: tolerance)
        id = try DPoPProof.id(in: claims)
        try DPoPProof.checkToken(token, claims)
        try jws.verify(by: key)
        self.key = key
    }

    private static func key(of header: JSONValue) throws(DPoPError) -> PublicKey {
        guard try header.text("typ") == "dpop+jwt" else { throw .wrongType }
        guard try header.text("alg") == "ES256" else { throw .wrongAlgorithm }
        guard header["crit"] == nil else { throw .criticalMember }
        guard let jwk = header["jwk"] else { throw .malformed("jwk") }
        guard jwk["d"] == nil, jwk["k"] == nil else { throw .privateKey }
        guard try jwk.text("kty") == "EC", try jwk.text("crv") == "P-256",
            let x = Base64URL.decode(try jwk.text("x").utf8), x.count == 32,
            let y = Base64URL.decode(try jwk.text("y").utf8), y.count == 32
        else { throw .badKey }
        do { return try PublicKey(p256Point: [0x04] + x + y) } catch { throw .badKey }
    }

    private static func time(
        in claims: JSONValue, now: UnixTime, tolerance: UInt64
    ) throws(DPoPError) -> UnixTime {
        guard let issuedAt = claims["iat"]?.wholeNumber else { throw .malformed("iat") }
        if issuedAt < now.seconds, now.seconds - issuedAt > tolerance {
            throw .tooOld(seconds: now.seconds - issuedAt)
        }
        if issuedAt > now.seconds, issuedAt - now.seconds > tolerance {
            throw .fromTheFuture(seconds: issuedAt - now.seconds)
        }
        return UnixTime(issuedAt)
    }

    private static func id(in claims: JSONValue) throws(DPoPError) -> String {
        let id = try claims.text("jti")
        guard (1...64).contains(id.utf8.count), id.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw .badID
        }
        return id
    }

    private static func checkToken(_ token: String?, _ claims: JSONValue) throws(DPoPError) {
        guard let token else {
            guard claims["ath"] == nil else { throw .unexpectedToken }
            return
        }
        guard claims["ath"]?.text == DPoPProof.tokenHash(token) else { throw .wrongToken }
    }

    /// `ath` of a token (RFC 9449 §4.2).
    static func tokenHash(_ token: String) -> String {
        var hash = SHA256()
        hash.update(data: Array(token.utf8))
        return Base64URL.text(Array(hash.finalize()))
    }
}

extension JSONValue {
    fileprivate func text(_ member: String) throws(DPoPError) -> String {
        guard let text = self[member]?.text else { throw .malformed(member) }
        return text
    }
}

extension PublicKey {
    /// The key of an uncompressed point, 65 bytes (SEC 1 §2.3.3).
    init(p256Point point: [UInt8]) throws(KeyError) {
        var writer = WireWriter(capacity: 104)
        writer.string("ecdsa-sha2-nistp256")
        writer.string("nistp256")
        writer.string(point)
        try self.init(blob: writer.bytes)
    }
}
