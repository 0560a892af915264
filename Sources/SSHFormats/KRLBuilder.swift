/// Collects what shall be revoked and makes a list of it.
public struct KRLBuilder: Sendable {
    private var krl: KRL
    private var serials: [[UInt8]: [ClosedRange<UInt64>]] = [:]

    /// An empty list.
    public init(version: UInt64, generated: UnixTime, comment: String = "") {
        krl = KRL(version: version, generated: generated, comment: comment)
    }

    /// A new list with all that this one revokes.
    public init(extending old: KRL, version: UInt64, generated: UnixTime) {
        krl = KRL(version: version, generated: generated, comment: old.comment)
        krl.certificates = old.certificates
        krl.keys = old.keys
        krl.sha1Hashes = old.sha1Hashes
        krl.fingerprints = old.fingerprints
        serials = old.certificates.mapValues(\.serials.runs)
    }

    /// Revokes the certificate with this serial.
    ///
    /// - Parameter authority: Who signed it; nil for every authority.
    /// - Throws: ``KRLError/serialZero``: certificates without a serial are revoked by key ID or key.
    public mutating func revoke(serial: UInt64, by authority: PublicKey?) throws(KRLError) {
        try revoke(serials: serial...serial, by: authority)
    }

    /// Revokes the certificates with these serials.
    ///
    /// - Parameter authority: Who signed them; nil for every authority.
    /// - Throws: ``KRLError/serialZero``
    public mutating func revoke(serials range: ClosedRange<UInt64>, by authority: PublicKey?) throws(KRLError)
    {
        guard range.lowerBound != 0 else { throw .serialZero }
        serials[authority?.blob ?? [], default: []].append(range)
    }

    /// Revokes the certificates with this key ID.
    ///
    /// - Parameter authority: Who signed them; nil for every authority.
    /// - Throws: ``KRLError/badKeyID`` if it is empty or holds a NUL.
    public mutating func revoke(keyID: String, by authority: PublicKey?) throws(KRLError) {
        let bytes = Array(keyID.utf8)
        guard !bytes.isEmpty, !bytes.contains(0) else { throw .badKeyID }
        krl.certificates[authority?.blob ?? [], default: KRL.Certificates()].keyIDs.insert(bytes)
    }

    /// Revokes a key and all certificates for it, or, if it is an authority's, all that it signed.
    public mutating func revoke(key: PublicKey) {
        krl.keys.insert(key.blob)
    }

    /// Revokes the key with this fingerprint.
    public mutating func revoke(fingerprint: Fingerprint) {
        krl.fingerprints.insert(fingerprint)
    }

    /// Revokes the key with this SHA-1 hash, as older lists do.
    ///
    /// - Throws: ``KRLError/badHash(_:)`` unless it is 20 bytes long.
    public mutating func revoke(sha1 hash: [UInt8]) throws(KRLError) {
        guard hash.count == 20 else { throw .badHash(hash.count) }
        krl.sha1Hashes.insert(hash)
    }

    /// The list of all that was revoked.
    public func build() -> KRL {
        var krl = krl
        for (authority, ranges) in serials {
            krl.certificates[authority, default: KRL.Certificates()].serials = SerialSet(ranges)
        }
        return krl
    }
}
