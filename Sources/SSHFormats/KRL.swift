import Crypto

/// A key revocation list (OpenSSH's PROTOCOL.krl): what a server refuses, whatever else speaks for it.
public struct KRL: Hashable, Sendable {
    /// The longest list that is read: 64 MiB.
    public static let limit = 67_108_864
    /// The most runs of serials that are kept, over all authorities; each takes 16 bytes of memory.
    public static let runLimit = 4_194_304

    /// What a certificate or key is revoked by.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// The key itself, for a certificate the key that it is for.
        case key
        /// A hash of that key.
        case hash
        /// The key of its authority, or a hash of that.
        case authority
        /// The serial, under its authority or under every authority.
        case serial
        /// The key ID, under its authority or under every authority.
        case keyID
    }

    /// What is revoked of one authority.
    public struct Certificates: Hashable, Sendable {
        /// The serials.
        public internal(set) var serials = SerialSet()
        /// The key IDs, as bytes of UTF-8.
        public internal(set) var keyIDs: Set<[UInt8]> = []
    }

    /// The number of this list; it grows.
    public let version: UInt64
    /// When the list was made.
    public let generated: UnixTime
    /// A remark.
    public let comment: String
    /// What is revoked of each authority, by the blob of its key; the empty blob stands for every authority.
    public internal(set) var certificates: [[UInt8]: Certificates] = [:]
    /// Blobs of keys that are revoked, and with them all their certificates.
    public internal(set) var keys: Set<[UInt8]> = []
    /// SHA-1 hashes of blobs of keys, 20 bytes each.
    public internal(set) var sha1Hashes: Set<[UInt8]> = []
    /// SHA-256 hashes of blobs of keys.
    public internal(set) var fingerprints: Set<Fingerprint> = []

    init(version: UInt64, generated: UnixTime, comment: String) {
        self.version = version
        self.generated = generated
        self.comment = comment
    }

    /// Reads a list.
    ///
    /// Signature sections are read over, not checked: sshd cannot check them either.
    /// - Throws: ``KRLError``
    public init(bytes: some Collection<UInt8>) throws(KRLError) {
        guard bytes.count <= Self.limit else { throw .wire(.tooLong(bytes.count, limit: Self.limit)) }
        self = try KRLReader.read(Array(bytes))
    }

    /// The list as sshd reads it: sections in a fixed order, the same list always the same bytes.
    public func encoded() -> [UInt8] { KRLWriter.bytes(of: self) }

    /// Whether the list revokes this certificate: its serial or key ID under its authority or under every
    /// authority, its key, or the authority's key. Serial 0 is never revoked by number.
    public func revokes(_ certificate: Certificate) -> Bool { reason(for: certificate) != nil }

    /// What revokes this certificate; nil if nothing does.
    public func reason(for certificate: Certificate) -> Reason? {
        if let reason = reason(for: certificate.publicKey) { return reason }
        if revokes(key: certificate.signatureKey) { return .authority }
        return reason(for: certificate, of: certificate.signatureKey.blob) ?? reason(for: certificate, of: [])
    }

    /// What revokes this key; nil if nothing does.
    public func reason(for key: PublicKey) -> Reason? {
        if keys.contains(key.blob) { return .key }
        return revokesHash(of: key) ? .hash : nil
    }

    /// Whether the list revokes this key, by itself or by a hash.
    public func revokes(key: PublicKey) -> Bool { reason(for: key) != nil }

    private func revokesHash(of key: PublicKey) -> Bool {
        if !fingerprints.isEmpty, fingerprints.contains(key.fingerprint) { return true }
        return !sha1Hashes.isEmpty && sha1Hashes.contains(Array(Insecure.SHA1.hash(data: key.blob)))
    }

    private func reason(for certificate: Certificate, of authority: [UInt8]) -> Reason? {
        guard let revoked = certificates[authority] else { return nil }
        if certificate.serial != 0, revoked.serials.contains(certificate.serial) { return .serial }
        return revoked.keyIDs.contains(Array(certificate.keyID.utf8)) ? .keyID : nil
    }
}
