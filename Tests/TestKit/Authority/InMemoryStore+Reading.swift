package import Authority
package import Names
package import SSHFormats

extension InMemoryStore: Directory {
    package func identity(_ id: IdentityID) -> Identity? { contents.identities.first { $0.id == id } }

    package func identities(_ kind: IdentityKind, after: Name?, limit: Int) async -> [Identity] {
        let all = contents.identities.filter { $0.id.kind == kind }.sorted { $0.id.name < $1.id.name }
        await dawdle()
        return Array(all.filter { identity in after.map { $0 < identity.id.name } ?? true }.prefix(limit))
    }

    package func hosts(knownAs text: String) async -> [Identity] {
        let hosts = contents.identities.filter { host in
            host.id.kind == .host && ([host.id.name.text] + host.attributes.knownAs).contains(text)
        }
        let living = hosts.filter { $0.status != .retired }
        await dawdle()
        return (living.isEmpty ? hosts : living).sorted { $0.id.name < $1.id.name }
    }

    package func key(_ fingerprint: Fingerprint) -> RegisteredKey? {
        contents.keys.first { $0.publicKey.fingerprint == fingerprint }
    }

    package func keyStates(of fingerprint: Fingerprint) -> [KeyStateChange] {
        contents.keyStates[fingerprint] ?? []
    }

    package func keys(of identity: IdentityID) -> [RegisteredKey] {
        contents.keys.filter { $0.identity == identity }.sorted { first, second in
            guard first.createdAt == second.createdAt else { return first.createdAt < second.createdAt }
            return first.publicKey.fingerprint.bytes.lexicographicallyPrecedes(
                second.publicKey.fingerprint.bytes)
        }
    }

    package func session(tokenHash: [UInt8]) -> SessionFound? {
        guard let found = contents.sessions.first(where: { $0.tokenHash == tokenHash }),
            let identity = identity(found.session.identity)
        else { return nil }
        return SessionFound(
            session: found.session, identity: identity,
            device: found.session.device.flatMap { self.identity($0) })
    }
}

extension InMemoryStore: Certificates {
    package func certificate(_ authority: CertificateAuthority, serial: UInt64) -> IssuedCertificate? {
        contents.certificates.first { $0.authority == authority && $0.certificate.serial == serial }
    }

    package func certificates(of identity: IdentityID, limit: Int) -> [IssuedCertificate] {
        let all = contents.certificates.filter { $0.identity == identity }
        let newest = all.sorted {
            ($0.issuedAt, $0.certificate.serial) > ($1.issuedAt, $1.certificate.serial)
        }
        return Array(newest.prefix(limit))
    }

    package func reserveSerials(node: String, count: UInt64) throws(StoreError) -> ClosedRange<UInt64> {
        guard (1...1_000_000).contains(count) else {
            throw .failed(reason: "a block has 1 to 1,000,000 serials")
        }
        for place in serials.indices where serials[place].node == node && serials[place].life != presentLife {
            guard serials[place].isOpen else { continue }
            serials[place].isOpen = false
            serials[place].void = serials[place].range.filter { serial in
                !contents.certificates.contains { $0.certificate.serial == serial }
            }
            contents.hostState += 1
        }
        let first = (serials.last?.range.upperBound ?? 0) + 1
        let range = first...(first + count - 1)
        serials.append(SerialReservation(node: node, life: presentLife, range: range))
        return range
    }

    package func revoked(
        _ authority: CertificateAuthority, at now: UnixTime
    ) throws(StoreError) -> RevokedNow {
        try checkReads()
        var numbers = Set(serials.flatMap(\.void))
        var keys: Set<Fingerprint> = []
        for kept in contents.revocations {
            for issued in contents.certificates where issued.authority == authority {
                guard contents.covers(kept, issued), kept.lists(issued, at: now) else { continue }
                numbers.insert(issued.certificate.serial)
            }
            switch kept.revocation.target {
            case .key(let key): keys.insert(key)
            case .serial(authority, let serial) where certificate(authority, serial: serial) == nil:
                numbers.insert(serial)
            case .serial, .identity: break
            }
        }
        var ranges: [ClosedRange<UInt64>] = []
        for serial in numbers.sorted() {
            if let last = ranges.last, last.upperBound + 1 == serial {
                ranges[ranges.count - 1] = last.lowerBound...serial
            } else {
                ranges.append(serial...serial)
            }
        }
        return RevokedNow(serials: ranges, keys: keys)
    }

    package func endingSessions(at now: UnixTime) -> RevokedNow {
        var found = (serials: Set<UInt64>(), keys: Set<Fingerprint>())
        for kept in contents.revocations where kept.tellsHosts(at: now) {
            if case .key(let key) = kept.revocation.target {
                found.keys.insert(key)
                continue
            }
            for issued in contents.certificates
            where issued.authority != .host && contents.covers(kept, issued) {
                guard kept.reaches(issued) else { continue }
                found.serials.insert(issued.certificate.serial)
            }
        }
        return RevokedNow(serials: SerialSet(found.serials.map { $0...$0 }).runs, keys: found.keys)
    }

    package func standing(of key: Fingerprint) -> KeyStanding {
        let holder = self.key(key)?.identity
        return KeyStanding(
            isRevoked: contents.revocations.contains { $0.revocation.target == .key(key) }, holder: holder,
            owner: holder.flatMap { identity($0)?.owner })
    }

    package func hostStateVersion() -> UInt64 { contents.hostState }
}

extension InMemoryStore: Policies {
    package func currentPolicy() -> PolicyVersion? { contents.policies.last }
    package func currentPolicyVersion() -> UInt64 { contents.policies.last?.version ?? 0 }
    package func standing() -> UInt64 { contents.standing }
    package func policyHistory(before: UInt64?, limit: Int) -> [PolicyVersion] {
        Array(contents.policies.reversed().filter { $0.version < before ?? .max }.prefix(limit))
    }
}

extension InMemoryStore.KeptRevocation {
    /// Whether hosts are still told to end sessions.
    func tellsHosts(at now: UnixTime) -> Bool {
        revocation.endsSessions && now < revocation.at.advanced(by: Int64(Revocation.sessionOrder))
    }

    /// Whether the certificate is looked for in live sessions.
    func reaches(_ issued: IssuedCertificate) -> Bool {
        if case .serial = revocation.target { return true }
        return issued.certificate.validBefore > revocation.at.advanced(by: -Int64(Revocation.sessionReach))
    }

    /// Whether it stands in the list: while it runs, and as long as its sessions shall end.
    func lists(_ issued: IssuedCertificate, at now: UnixTime) -> Bool {
        if now < issued.certificate.validBefore { return true }
        if case .key = revocation.target { return false }
        return tellsHosts(at: now) && reaches(issued)
    }
}

/// Serials given to one life of one node.
struct SerialReservation: Sendable {
    let node: String
    let life: Int
    let range: ClosedRange<UInt64>
    var isOpen = true
    /// Those that nobody will ever record.
    var void: [UInt64] = []

    init(node: String, life: Int, range: ClosedRange<UInt64>) {
        self.node = node
        self.life = life
        self.range = range
    }
}
