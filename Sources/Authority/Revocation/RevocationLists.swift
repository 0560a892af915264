import SSHFormats

/// The KRLs as hosts and clients get them, built once per version of what is revoked.
package actor RevocationLists {
    private let certificates: any Certificates
    private let keys: AuthorityKeys
    private let world: World
    private var held: [CertificateAuthority: (version: UInt64, madeAt: UnixTime, bytes: [UInt8])] = [:]

    /// Expired entries leave the list after at most this many seconds, even when nothing is revoked meanwhile.
    private static let freshness: UInt64 = 300

    init(_ certificates: any Certificates, keys: AuthorityKeys, world: World) {
        self.certificates = certificates
        self.keys = keys
        self.world = world
    }

    /// The KRL of one CA's certificates and of all revoked keys, and the version of the host state it belongs to. The
    /// plain-user CA's stand in the user KRL too, so that a host has one file to name whichever of them it trusts.
    package func list(
        _ authority: CertificateAuthority
    ) async throws(AuthorityError) -> (version: UInt64, bytes: [UInt8]) {
        let now = world.now()
        let version: UInt64
        var revoked: [CertificateAuthority: RevokedNow] = [:]
        do {
            version = try await certificates.hostStateVersion()
            if let held = held[authority], held.version == version,
                now < held.madeAt.advanced(by: Int64(RevocationLists.freshness))
            {
                return (held.version, held.bytes)
            }
            for member in authority == .user ? [.user, .plainUser] : [authority] {
                revoked[member] = try await certificates.revoked(member, at: now)
            }
        } catch {
            throw .store(error)
        }
        let bytes = try build(revoked, authority, version: version, at: now)
        held[authority] = (version, now, bytes)
        return (version, bytes)
    }

    /// The same for whoever asks publicly: while the store does not answer, the list as it was last known. A host
    /// that would get nothing keeps an older one.
    package func published(_ authority: CertificateAuthority) async throws(AuthorityError) -> [UInt8] {
        do throws(AuthorityError) { return try await list(authority).bytes } catch {
            guard case .store = error, let held = held[authority] else { throw error }
            return held.bytes
        }
    }

    /// Version and size in bytes of each list, as it was last built; nothing is built for it.
    package var sizes: [(authority: CertificateAuthority, version: UInt64, bytes: Int)] {
        CertificateAuthority.allCases.compactMap { authority in
            held[authority].map { (authority, $0.version, $0.bytes.count) }
        }
    }

    private func build(
        _ revoked: [CertificateAuthority: RevokedNow], _ authority: CertificateAuthority, version: UInt64,
        at now: UnixTime
    ) throws(AuthorityError) -> [UInt8] {
        var builder = KRLBuilder(version: version, generated: now, comment: "keyreeve \(authority.rawValue)")
        for (member, now) in revoked {
            let signer = try keys.key(of: member)
            do {
                for range in now.serials { try builder.revoke(serials: range, by: signer) }
            } catch {
                throw .mismatch("the KRL cannot be built: \(error)")
            }
            for key in now.keys { builder.revoke(fingerprint: key) }
        }
        return builder.build().encoded()
    }
}
