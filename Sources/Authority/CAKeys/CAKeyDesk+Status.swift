import Names
import SSHFormats

extension CAKeyDesk {
    /// Where every rotation stands, for whoever has a role on the authority.
    package func status(for requester: Requester) async throws(AuthorityError) -> [CAStatus] {
        let (_, policy) = try await policies.current()
        try await policies.readWithAnyRole(requester, on: "ca", policy: policy)
        let now = recorder.world.now()
        let sets = try await book.read()
        var found: [CAStatus] = []
        for authority in CAKeySets.rotating { found.append(try await status(authority, sets, at: now)) }
        return found
    }

    private func status(
        _ authority: CertificateAuthority, _ sets: CAKeySets, at now: UnixTime
    ) async throws(AuthorityError) -> CAStatus {
        let all = sets.keys.filter { $0.authority == authority }
        var (waiting, trusting): ([CAWait], [CAWait]) = ([], [])
        for key in all {
            switch key.state {
            case .prepared: waiting += try await waits(for: key, sets, at: now)
            case .retiring: waiting += Self.end(of: key, at: now).map { [$0] } ?? []
            case .retired: trusting += try await stillTrusting(key)
            case .signing: continue
            }
        }
        let kept = all.filter { key in
            key.state != .retired || key == all.last(where: { $0.state == .retired })
                || trusting.contains { $0.key == key.publicKey.fingerprint }
        }
        return CAStatus(
            authority: authority, keys: kept, waiting: waiting,
            waived: sets.waivers.filter { waiver in
                all.contains { $0.state == .prepared && $0.publicKey.fingerprint == waiver.key }
            },
            stillTrusting: trusting, next: Self.next(authority, sets, waiting),
            breaks: try await breaks(authority, sets, at: now))
    }

    /// Whom a prepared key waits for, without those who were waived.
    func waits(
        for key: CAKey, _ sets: CAKeySets, at now: UnixTime
    ) async throws(AuthorityError) -> [CAWait] {
        let waived = Set(sets.waivers.filter { $0.key == key.publicKey.fingerprint }.map(\.holder))
        let waits =
            switch key.authority {
            case .user, .plainUser: try await hosts(without: key)
            case .host: try await devices(without: key, at: now)
            }
        return waits.filter { wait in wait.holder.map { !waived.contains($0) } ?? true }
    }

    /// Active hosts that did not say that they have installed a state with what became of this key.
    private func hosts(without key: CAKey) async throws(AuthorityError) -> [CAWait] {
        var waits: [CAWait] = []
        var query = HostQuery(missing: key.carried)
        while true {
            let page: [HostFound]
            do { page = try await store.hosts(query) } catch { throw .store(error) }
            for host in page where host.status == .active && host.isEnrolled {
                waits.append(CAWait(key.publicKey.fingerprint, host.id, Self.words(host, key.carried)))
            }
            guard page.count == query.limit, let last = page.last else { return waits }
            query.after = last.id.name
        }
    }

    private static func words(_ host: HostFound, _ wanted: HostStateNumber) -> String {
        let told = "this comes with state \(wanted.epoch)-\(wanted.version)"
        guard let said = host.acknowledged else { return "never said what it has installed; \(told)" }
        guard said.state >= wanted else {
            return
                "has state \(said.state.epoch)-\(said.state.version), last said \(said.at.utcText); \(told)"
        }
        let faults = said.faults.isEmpty ? "" : " (\(said.faults.joined(separator: ", ")))"
        return "has installed it, but its sshd does not go by it\(faults)"
    }

    private func devices(without key: CAKey, at now: UnixTime) async throws(AuthorityError) -> [CAWait] {
        let devices: [IdentityID]
        do { devices = try await store.devicesWithout(key.publicKey.fingerprint, at: now) } catch {
            throw .store(error)
        }
        return devices.map { device in
            CAWait(
                key.publicKey.fingerprint, device,
                "has a running certificate and did not say that it knows the new host CA key; it learns of it when it "
                    + "next asks the authority")
        }
    }

    /// Hosts that may still let in who has a certificate of a retired user CA key.
    private func stillTrusting(_ key: CAKey) async throws(AuthorityError) -> [CAWait] {
        guard key.authority == .user else { return [] }
        return try await hosts(without: key)
    }

    /// nil once nothing of a retiring key is left.
    static func end(of key: CAKey, at now: UnixTime) -> CAWait? {
        let end = (key.lastExpiry ?? key.since).advanced(by: CAKeyDesk.margin)
        guard now < end else { return nil }
        return CAWait(
            key.publicKey.fingerprint, nil, "the last of its certificates ends by \(end.utcText)")
    }

    /// Seconds that a key stays trusted after its last certificate: clocks of hosts may be behind.
    static let margin: Int64 = 300

    private static func next(
        _ authority: CertificateAuthority, _ sets: CAKeySets, _ waiting: [CAWait]
    ) -> [String] {
        var lines: [String] = []
        if let key = sets.key(authority, .prepared) {
            let holders = waiting.filter { $0.key == key.publicKey.fingerprint }
            let whom = authority == .host ? "device" : "host"
            lines.append(
                holders.isEmpty
                    ? "The prepared key signs within seconds."
                    : "The prepared key signs once \(holders.count) more \(whom)\(holders.count == 1 ? "" : "s") "
                        + "know\(holders.count == 1 ? "s" : "") it, or \(holders.count == 1 ? "is" : "are") waived."
            )
            if authority == .host {
                lines.append(
                    "Not known: laptops set up with ssh-config --system, and clients without reeve; give them the new line "
                        + "before.")
            }
        }
        if sets.key(authority, .retiring) != nil {
            lines.append("The retiring key goes when the last of its certificates has ended.")
            lines.append("Not known: whether hosts still see logins by it; they do not report logins yet.")
        }
        return lines.isEmpty ? ["Nothing is under way."] : lines
    }

    private func breaks(
        _ authority: CertificateAuthority, _ sets: CAKeySets, at now: UnixTime
    ) async throws(AuthorityError) -> [String] {
        let (running, waits): ((count: UInt64, lastExpiry: UnixTime?), Int)
        do {
            running = try await store.running(authority, at: now)
        } catch {
            throw .store(error)
        }
        if let key = sets.key(authority, .prepared) {
            waits = try await self.waits(for: key, sets, at: now).count
        } else {
            waits = -1
        }
        let certificates = "\(running.count) running \(authority.rawValue) certificates end at once"
        switch authority {
        case .user, .plainUser:
            return [
                "\(certificates): each holder has to fetch a new one.",
                waits < 0
                    ? "No host knows the new key: each lets nobody in by it until it has installed it, within seconds where "
                        + "its agent is connected, and those that are off for as long as they are."
                    : "\(waits) hosts do not know the prepared key yet, and let nobody in by it until they do.",
                "A host that is off or cut off trusts the stolen key until its agent is back: reeve ca status names it.",
            ]
        case .host:
            return [
                "\(certificates): each host fetches new ones when its agent next asks.",
                "Clients refuse hosts, or ask about their keys, until reeve or reeve ssh-config has fetched the new line.",
            ]
        }
    }
}
