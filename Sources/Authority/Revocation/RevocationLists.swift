import SSHFormats

/// The KRLs as hosts and clients get them, built once per version of what is revoked.
package actor RevocationLists {
    /// Whom a list is for.
    package enum Audience: Hashable, Sendable {
        /// Hosts with the agent, which trust our user CA and nobody else's: user certificates by serial, whoever signed
        /// them, as sshd reads that in a fifth of the time (decision 0011).
        case agents
        /// Whoever asks, and may trust others' keys too: certificates by authority and serial.
        case everyone(CertificateAuthority)
        /// Hosts with the agent: of the above, what live sessions shall end that came by it; no bytes where that is nothing.
        case sessions

        /// The plain-user CA's stand in the user KRL too, so that a host has one file to name whichever of them it trusts.
        var authorities: [CertificateAuthority] {
            switch self {
            case .agents, .sessions, .everyone(.user): [.user, .plainUser]
            case .everyone(let one): [one]
            }
        }

        package var name: String {
            switch self {
            case .agents: "agents"
            case .sessions: "sessions"
            case .everyone(let authority): authority.rawValue
            }
        }
    }

    private let certificates: any Certificates
    private let keys: AuthorityKeys
    private let world: World
    private var held: [Audience: (version: UInt64, madeAt: UnixTime, bytes: [UInt8])] = [:]

    /// Expired entries leave the list after at most this many seconds, even when nothing is revoked meanwhile.
    private static let freshness: UInt64 = 300

    init(_ certificates: any Certificates, keys: AuthorityKeys, world: World) {
        self.certificates = certificates
        self.keys = keys
        self.world = world
    }

    /// The KRL of these certificates and of all revoked keys, and the version of the host state it belongs to.
    package func list(
        for audience: Audience
    ) async throws(AuthorityError) -> (version: UInt64, bytes: [UInt8]) {
        let now = world.now()
        let version: UInt64
        var revoked: [CertificateAuthority: RevokedNow] = [:]
        do {
            version = try await certificates.hostStateVersion()
            if let held = held[audience], held.version == version,
                now < held.madeAt.advanced(by: Int64(RevocationLists.freshness))
            {
                return (held.version, held.bytes)
            }
            if audience == .sessions {
                revoked[.user] = try await certificates.endingSessions(at: now)
            } else {
                for authority in audience.authorities {
                    revoked[authority] = try await certificates.revoked(authority, at: now)
                }
            }
        } catch {
            throw .store(error)
        }
        let sets = try await keys.book.sets(atLeast: version)
        let bytes = try build(revoked, audience, sets, version: version, at: now)
        held[audience] = (version, now, bytes)
        return (version, bytes)
    }

    /// The same for whoever asks publicly: while the store does not answer, the list as it was last known. A host
    /// that would get nothing keeps an older one.
    package func published(_ authority: CertificateAuthority) async throws(AuthorityError) -> [UInt8] {
        do throws(AuthorityError) { return try await list(for: .everyone(authority)).bytes } catch {
            guard case .store = error, let held = held[.everyone(authority)] else { throw error }
            return held.bytes
        }
    }

    /// Version and size in bytes of each list, as it was last built; nothing is built for it.
    package var sizes: [(audience: Audience, version: UInt64, bytes: Int)] {
        ([.agents, .sessions] + CertificateAuthority.allCases.map(Audience.everyone)).compactMap { audience in
            held[audience].map { (audience, $0.version, $0.bytes.count) }
        }
    }

    private func build(
        _ revoked: [CertificateAuthority: RevokedNow], _ audience: Audience, _ sets: CAKeySets,
        version: UInt64, at now: UnixTime
    ) throws(AuthorityError) -> [UInt8] {
        if audience == .sessions, revoked.values.allSatisfy({ $0 == RevokedNow() }) { return [] }
        var builder = KRLBuilder(version: version, generated: now, comment: "keyreeve \(audience.name)")
        for (authority, now) in revoked {
            // Serials are one sequence for all keys of an authority: those of a former one are not looked up apart.
            let signers: [PublicKey?] =
                Self.isByNumber(audience) ? [nil] : try keys.trusted(authority, in: sets)
            do {
                for signer in signers {
                    for range in now.serials { try builder.revoke(serials: range, by: signer) }
                }
            } catch {
                throw .mismatch("the KRL cannot be built: \(error)")
            }
            for key in now.keys { builder.revoke(fingerprint: key) }
        }
        let bytes = builder.build().encoded()
        try check(bytes, revoked, audience, sets)
        return bytes
    }

    /// Whether its serials are revoked whoever signed them.
    private static func isByNumber(_ audience: Audience) -> Bool {
        [.agents, .sessions].contains(audience)
    }

    /// Reads the list once more as OpenSSH would, before anybody gets it: a list that says less than was revoked never
    /// leaves.
    private func check(
        _ bytes: [UInt8], _ revoked: [CertificateAuthority: RevokedNow], _ audience: Audience,
        _ sets: CAKeySets
    ) throws(AuthorityError) {
        let list: KRL
        do { list = try KRL(bytes: bytes) } catch {
            throw .mismatch("the KRL for \(audience.name) cannot be read: \(error)")
        }
        let keys = revoked.values.reduce(into: Set<Fingerprint>()) { $0.formUnion($1.keys) }
        var serials: [[UInt8]: [ClosedRange<UInt64>]] = [:]
        for (authority, now) in revoked {
            let signers =
                Self.isByNumber(audience) ? [[]] : try self.keys.trusted(authority, in: sets).map(\.blob)
            for signer in signers { serials[signer, default: []] += now.serials }
        }
        let isWhole = serials.allSatisfy { signer, ranges in
            list.certificates[signer]?.serials ?? SerialSet() == SerialSet(ranges)
        }
        guard isWhole, list.fingerprints == keys else {
            throw .mismatch("the KRL for \(audience.name) does not say what is revoked")
        }
    }
}
