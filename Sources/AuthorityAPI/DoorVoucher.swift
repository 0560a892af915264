import Crypto
public import SSHFormats

/// The front door's word for where a request comes from: the value of ``APIHeader/door``, a compact JWS (RFC 7515) by ES256.
///
/// The door speaks for clients of its own. It vouches for one request each time, by the hash of that request's DPoP proof;
/// as the proof counts once, so does the voucher.
public struct DoorVoucher: Hashable, Sendable {
    /// Longest voucher that is looked at, in bytes.
    public static let longest = 1024
    /// Bytes of ``hash(of:)``.
    public static let hashLength = 32
    private static let type = "keyreeve-door+jwt"

    /// Numeric address of the client, without port.
    public let address: String
    /// The door that vouches.
    public let key: PublicKey

    /// What names a request in its voucher: SHA-256 of its proof.
    public static func hash(of proof: String) -> [UInt8] { Array(SHA256.hash(data: Array(proof.utf8))) }

    /// A voucher for the request whose proof has this hash.
    ///
    /// - Throws: ``DPoPError/cannotSign``
    public static func text(
        address: String, proofHash: [UInt8], by key: DPoPKey, now: UnixTime
    ) throws(DPoPError) -> String {
        let header = Header(alg: "ES256", kid: key.publicKey.fingerprint.description, typ: type)
        let claims = Claims(addr: address, iat: now.seconds, proof: Base64URL.text(proofHash))
        return try key.signed(
            Base64URL.text(APICoding.encode(header)) + "." + Base64URL.text(APICoding.encode(claims)))
    }

    /// Verifies the value of the header field.
    ///
    /// - Parameters:
    ///   - proof: The value of the request's `DPoP` header field.
    ///   - doors: The keys of the doors that are believed.
    ///   - tolerance: How far `iat` may be from `now` either way, in seconds.
    /// - Throws: ``DPoPError``; `badKey` for a door that is not believed, `wrongToken` for another request's.
    public init(
        verifying text: String, for proof: String, by doors: [PublicKey], now: UnixTime,
        tolerance: UInt64 = 60
    ) throws(DPoPError) {
        guard text.utf8.count <= DoorVoucher.longest else { throw .tooLong }
        let jws = try CompactJWS(Array(text.utf8))
        let header = try CompactJWS.json(jws.header, "header")
        guard try header.text("typ") == DoorVoucher.type else { throw .wrongType }
        guard try header.text("alg") == "ES256" else { throw .wrongAlgorithm }
        guard header["crit"] == nil else { throw .criticalMember }
        let named = try header.text("kid")
        guard let key = doors.first(where: { $0.fingerprint.description == named }) else { throw .badKey }
        try jws.verify(by: key)
        self.key = key
        _ = try DPoPProof.time(in: jws.payload, now: now, tolerance: tolerance)
        guard try jws.payload.text("proof") == Base64URL.text(DoorVoucher.hash(of: proof)) else {
            throw .wrongToken
        }
        address = try jws.payload.text("addr")
        let isOne = !address.utf8.contains(UInt8(ascii: "/")) && (try? SourceAddresses([address])) != nil
        guard isOne else { throw .malformed("addr") }
    }

    private struct Header: Encodable {
        let alg: String
        let kid: String
        let typ: String
    }

    private struct Claims: Encodable {
        let addr: String
        let iat: UInt64
        let proof: String
    }
}
