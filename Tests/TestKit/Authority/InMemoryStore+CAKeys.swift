package import Authority
package import Names
package import SSHFormats

extension InMemoryStore: CAKeys {
    package func caKeySets() -> CAKeySets {
        CAKeySets(version: contents.hostState, keys: contents.caKeys, waivers: contents.caWaivers)
    }

    package func running(
        _ authority: CertificateAuthority, at now: UnixTime
    ) -> (count: UInt64, lastExpiry: UnixTime?) {
        let ends = contents.certificates.filter { $0.authority == authority }.map(\.certificate.validBefore)
            .filter { now < $0 }
        return (UInt64(ends.count), ends.max())
    }

    package func knows(_ key: Fingerprint, _ device: IdentityID) -> Bool {
        contents.caKnown[key]?.contains(device) == true
    }

    package func devicesWithout(_ key: Fingerprint, at now: UnixTime) -> [IdentityID] {
        let running = contents.certificates.filter {
            $0.authority == .user && now < $0.certificate.validBefore
        }
        let devices = contents.identities.filter { $0.id.kind == .device && $0.status == .active }.map(\.id)
        return devices.filter { device in
            running.contains { $0.device == device } && contents.caKnown[key]?.contains(device) != true
        }.sorted { $0.name < $1.name }
    }
}

extension InMemoryStore.Contents {
    mutating func apply(_ fact: CAFact) throws(RefusedFact) {
        switch fact {
        case .first(let key):
            guard !caKeys.contains(where: { $0.authority == key.authority }) else { return }
            caKeys.append(key)
        case .prepared(var key):
            let isKnown = caKeys.contains {
                $0.publicKey == key.publicKey || $0.authority == key.authority && $0.state == .prepared
            }
            guard !isKnown else { throw RefusedFact(.exists) }
            key.carried = nextHostState()
            caKeys.append(key)
        case .signing(let authority, let key, let at, let end):
            let place = try place(authority, key, of: [.prepared])
            let last = certificates.filter { $0.authority == authority }.map(\.certificate.validBefore).max()
            let carried = nextHostState()
            for former in caKeys.indices
            where caKeys[former].authority == authority && caKeys[former].state == .signing {
                move(former, to: .retiring, at, carried)
                caKeys[former].lastExpiry = max(last ?? at, end ?? at)
            }
            move(place, to: .signing, at, carried)
        case .retired(let authority, let key, let at, let isStolen):
            let place = try place(authority, key, of: [.prepared, .retiring])
            move(place, to: .retired, at, nextHostState())
            caKeys[place].sealed = []
            caKeys[place].isStolen = isStolen
        case .waived(let waiver):
            guard let place = caKeys.firstIndex(where: { $0.publicKey.fingerprint == waiver.key }),
                caKeys[place].state == .prepared
            else { throw RefusedFact(.caKeyMoved) }
            caWaivers.removeAll { $0.key == waiver.key && $0.holder == waiver.holder }
            caWaivers.append(waiver)
        case .held(let key, let device, _): caKnown[key, default: []].insert(device)
        }
    }

    func requireSigning(_ issued: IssuedCertificate) throws(RefusedFact) {
        let signing = caKeys.last { $0.authority == issued.authority && $0.state == .signing }
        guard signing.map({ $0.publicKey == issued.certificate.signatureKey }) ?? true else {
            throw RefusedFact(.caKeyMoved)
        }
    }

    private mutating func nextHostState() -> HostStateNumber {
        hostState += 1
        return HostStateNumber(epoch: 1, version: hostState)
    }

    private func place(
        _ authority: CertificateAuthority, _ key: Fingerprint, of states: [CAKeyState]
    ) throws(RefusedFact) -> Int {
        let place = caKeys.firstIndex { $0.authority == authority && $0.publicKey.fingerprint == key }
        guard let place, states.contains(caKeys[place].state) else { throw RefusedFact(.caKeyMoved) }
        return place
    }

    private mutating func move(
        _ place: Int, to state: CAKeyState, _ at: UnixTime, _ carried: HostStateNumber
    ) {
        caKeys[place].state = state
        caKeys[place].since = at
        caKeys[place].carried = carried
    }
}
