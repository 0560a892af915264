import SSHFormats
import Synchronization

/// The keys of headers that were read before. A caller sends the same header with every proof; reading it and finding
/// its point on the curve costs as much as the rest of the proof but the signature.
///
/// Bounded: when it is full it begins anew.
public final class DPoPHeaders: Sendable {
    private let known = Mutex<[[UInt8]: PublicKey]>([:])
    private let limit: Int

    public init(limit: Int = 4096) { self.limit = limit }

    static func key(of part: ArraySlice<UInt8>, in headers: DPoPHeaders?) throws(DPoPError) -> PublicKey {
        guard let headers else { return try read(part) }
        return try headers.key(of: part)
    }

    private func key(of part: ArraySlice<UInt8>) throws(DPoPError) -> PublicKey {
        let part = Array(part)
        if let key = known.withLock({ $0[part] }) { return key }
        let key = try DPoPHeaders.read(part[...])
        known.withLock { known in
            if known.count >= limit { known.removeAll(keepingCapacity: true) }
            known[part] = key
        }
        return key
    }

    /// The key that a header names; everything in the header is checked.
    private static func read(_ part: ArraySlice<UInt8>) throws(DPoPError) -> PublicKey {
        let header = try CompactJWS.json(part, "header")
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
}
