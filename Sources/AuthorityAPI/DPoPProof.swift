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
    /// `nonce`, as some server gave it out; nil where the proof names none.
    public let nonce: String?

    /// Verifies the value of a `DPoP` header field.
    ///
    /// - Parameters:
    ///   - url: Scheme, authority and path of the request, without query and fragment; compared byte by byte.
    ///   - token: The session token that came along; nil where none did, and then `ath` is refused.
    ///   - tolerance: How far `iat` may be from `now` either way, in seconds.
    ///   - headers: Remembers the key of each header, since those of one caller are always the same.
    /// - Throws: ``DPoPError``
    public init(
        verifying header: String, method: String, url: String, token: String?, now: UnixTime,
        tolerance: UInt64 = 60, headers: DPoPHeaders? = nil
    ) throws(DPoPError) {
        guard header.utf8.count <= DPoPProof.longest else { throw .tooLong }
        let jws = try CompactJWS(Array(header.utf8))
        let key = try DPoPHeaders.key(of: jws.header, in: headers)
        let claims = jws.payload
        guard try claims.text("htm") == method else { throw .wrongMethod }
        guard try claims.text("htu") == url else { throw .wrongURL }
        issuedAt = try DPoPProof.time(in: claims, now: now, tolerance: tolerance)
        id = try DPoPProof.id(in: claims)
        nonce = try DPoPProof.nonce(in: claims)
        try DPoPProof.checkToken(token, claims)
        try jws.verify(by: key)
        self.key = key
    }

    static func time(
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

    private static func nonce(in claims: JSONValue) throws(DPoPError) -> String? {
        guard claims["nonce"] != nil else { return nil }
        return try claims.text("nonce")
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
    func text(_ member: String) throws(DPoPError) -> String {
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
