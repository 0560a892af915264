import Authority
import Ledger
import Names
import SSHFormats

extension InMemoryRecords: Directory {
    func identity(_ id: IdentityID) -> Identity? { contents.identities.first { $0.id == id } }

    func identities(_ kind: IdentityKind, after: Name?, limit: Int) -> [Identity] {
        let all = contents.identities.filter { $0.id.kind == kind }.sorted { $0.id.name < $1.id.name }
        return Array(all.filter { identity in after.map { $0 < identity.id.name } ?? true }.prefix(limit))
    }

    func host(knownAs text: String) -> Identity? {
        let hosts = contents.identities.filter { host in
            guard host.id.kind == .host else { return false }
            let names = [host.id.name.text] + host.attributes.aliases.map(\.text) + host.attributes.addresses
            return names.contains(text)
        }
        let living = hosts.filter { $0.status != .retired }
        if living.isEmpty { return hosts.count == 1 ? hosts.first : nil }
        return living.count == 1 ? living.first : nil
    }

    func key(_ fingerprint: Fingerprint) -> RegisteredKey? {
        contents.keys.first { $0.publicKey.fingerprint == fingerprint }
    }

    func keys(of identity: IdentityID) -> [RegisteredKey] {
        contents.keys.filter { $0.identity == identity }.sorted {
            $0.publicKey.fingerprint.bytes.lexicographicallyPrecedes($1.publicKey.fingerprint.bytes)
        }
    }

    func session(tokenHash: [UInt8]) -> SessionFound? {
        guard let kept = contents.sessions.first(where: { $0.tokenHash == tokenHash }),
            let identity = identity(kept.session.identity)
        else { return nil }
        return SessionFound(
            session: kept.session, identity: identity,
            device: kept.session.device.flatMap { self.identity($0) })
    }
}

extension InMemoryRecords: Credentials {
    func sealedSecret(of id: IdentityID, _ factor: Factor) -> [UInt8]? {
        contents.secrets.first { $0.id == id && $0.factor == factor }?.sealed
    }

    func link(tokenHash: [UInt8]) -> EnrolmentLink? { contents.links.first { $0.tokenHash == tokenHash } }

    func reserve(_ attempt: Attempt, limits: AttemptLimits) -> AttemptVerdict {
        let mine = attempts.filter {
            $0.attempt.account == attempt.account && $0.attempt.factor == attempt.factor
        }
        let today = mine.filter { $0.attempt.at.seconds / 86_400 == attempt.at.seconds / 86_400 }.count
        let failures = mine.filter {
            $0.attempt.source == attempt.source && !$0.isCleared
                && $0.attempt.at.seconds + 86_400 > attempt.at.seconds
        }.map(\.attempt.at)
        var until = UnixTime(0)
        if today >= limits.perDay { until = UnixTime((attempt.at.seconds / 86_400 + 1) * 86_400) }
        if failures.count >= limits.perSource, let last = failures.max() {
            var delay = limits.firstDelay
            for _ in limits.perSource..<failures.count { delay = min(delay * 2, limits.longestDelay) }
            until = max(until, UnixTime(last.seconds + delay))
        }
        guard attempt.at >= until else { return .locked(until: until) }
        attempts.append((attempt, false))
        return .reserved
    }

    func settle(_ attempt: Attempt, _ outcome: AttemptOutcome) {
        let place =
            attempts.firstIndex { $0.attempt == attempt && !$0.isCleared }
            ?? attempts.firstIndex { $0.attempt == attempt }
        if let place { attempts.remove(at: place) }
        guard outcome == .succeeded else { return }
        for place in attempts.indices {
            let other = attempts[place].attempt
            let isSame =
                other.account == attempt.account && other.factor == attempt.factor
                && other.source == attempt.source
            if isSame { attempts[place].isCleared = true }
        }
    }
}

extension InMemoryRecords: Certificates {
    func certificate(_ authority: CertificateAuthority, serial: UInt64) -> IssuedCertificate? {
        contents.certificates.first { $0.authority == authority && $0.certificate.serial == serial }
    }

    func certificates(of identity: IdentityID, limit: Int) -> [IssuedCertificate] {
        let all = contents.certificates.filter { $0.identity == identity }
        return Array(
            all.sorted { ($0.issuedAt, $0.certificate.serial) > ($1.issuedAt, $1.certificate.serial) }.prefix(
                limit))
    }

    func reserveSerials(node: String, count: UInt64) -> ClosedRange<UInt64> {
        let first = (blocks.last?.range.upperBound ?? 0) + 1
        blocks.append(Block(node: node, range: first...(first + count - 1)))
        return first...(first + count - 1)
    }

    func revoked(_ authority: CertificateAuthority, at now: UnixTime) -> RevokedNow {
        var serials: Set<UInt64> = []
        var keys: Set<Fingerprint> = []
        for revocation in contents.revocations {
            for issued in contents.certificates where issued.authority == authority {
                guard now < issued.certificate.validBefore, contents.covers(revocation, issued) else {
                    continue
                }
                serials.insert(issued.certificate.serial)
            }
            switch revocation.revocation.target {
            case .key(let key): keys.insert(key)
            case .serial(authority, let serial) where certificate(authority, serial: serial) == nil:
                serials.insert(serial)
            case .serial, .identity: break
            }
        }
        var ranges: [ClosedRange<UInt64>] = []
        for serial in serials.sorted() {
            if let last = ranges.last, last.upperBound + 1 == serial {
                ranges[ranges.count - 1] = last.lowerBound...serial
            } else {
                ranges.append(serial...serial)
            }
        }
        return RevokedNow(serials: ranges, keys: keys)
    }

    func standing(of key: Fingerprint) -> KeyStanding {
        let holder = self.key(key)?.identity
        return KeyStanding(
            isRevoked: contents.revocations.contains { $0.revocation.target == .key(key) }, holder: holder,
            owner: holder.flatMap { identity($0)?.owner })
    }
    func hostStateVersion() -> UInt64 { contents.hostState }
}

extension InMemoryRecords: Policies {
    func currentPolicy() -> PolicyVersion? { contents.policies.last }
    func currentPolicyVersion() -> UInt64 { contents.policies.last?.version ?? 0 }
    func policyHistory(limit: Int) -> [PolicyVersion] { Array(contents.policies.reversed().prefix(limit)) }
}

extension InMemoryRecords: EventLog {
    func treeSize() -> UInt64 { UInt64(contents.events.count) }

    func leaves(from: UInt64, limit: Int) -> [LedgerLeaf] {
        contents.events.enumerated().dropFirst(Int(from)).prefix(limit).map {
            LedgerLeaf(index: UInt64($0.offset), hash: MerkleHash.leaf($0.element).bytes, bytes: $0.element)
        }
    }

    func growth(since size: UInt64) throws(StoreError) -> LedgerGrowth {
        let hashes = contents.events.map { MerkleHash.leaf($0) }
        var tree = MerkleTree()
        for hash in hashes { tree.append(hash) }
        let proof = try? ConsistencyProof(first: size, second: tree.size) { node in
            node.hash { (index) in hashes[Int(index)] }
        }
        guard let proof else { throw .conflict(.missing) }
        return LedgerGrowth(size: tree.size, root: tree.root.bytes, consistency: proof.path.map(\.bytes))
    }

    func inclusion(of index: UInt64, size: UInt64) throws(StoreError) -> [[UInt8]] {
        let hashes = contents.events.map { MerkleHash.leaf($0) }
        guard size <= hashes.count else { throw .conflict(.missing) }
        let proof = try? InclusionProof(index: index, size: size) { node in
            node.hash { (index) in hashes[Int(index)] }
        }
        guard let proof else { throw .conflict(.missing) }
        return proof.path.map(\.bytes)
    }

    func keep(checkpoint note: String, size: UInt64) throws(StoreError) {
        guard size <= contents.events.count else { throw .conflict(.missing) }
        kept.removeAll { $0.size == size }
        kept.append(KeptCheckpoint(size: size, note: note))
    }

    func checkpoints(limit: Int) -> [KeptCheckpoint] {
        Array(kept.sorted { $0.size > $1.size }.prefix(limit))
    }
}
