import Authority
import Names
import SSHFormats
import Testing

@Suite struct `A storage engine keeps what hosts acknowledge` {
    @Test(arguments: Engine.allCases) func `and counts active hosts that have an agent`(
        _ engine: Engine
    ) async throws {
        let fleet = try await Fleet(engine, hosts: 4)
        #expect(try await fleet.enforcement(1) == Enforcement(hosts: 4))
        try await fleet.says(0, version: 1)
        try await fleet.says(1, version: 2)
        try await fleet.says(2, version: 2, enforced: false, faults: ["drop-in-overridden", "clock-wrong"])
        #expect(try await fleet.enforcement(1) == Enforcement(hosts: 4, enforcing: 2))
        #expect(try await fleet.enforcement(2) == Enforcement(hosts: 4, enforcing: 1))
        let missing = try await fleet.store.hosts(HostQuery(missing: HostStateNumber(epoch: 1, version: 2)))
        #expect(missing.map(\.id.name.text) == ["web0", "web2", "web3"])
        #expect(missing.map(\.acknowledged?.faults) == [[], ["drop-in-overridden", "clock-wrong"], nil])
        // One that was suspended hears nothing; what it lets in is not known.
        try await fleet.set(3, .suspended)
        try await fleet.set(1, .suspended)
        #expect(try await fleet.enforcement(2) == Enforcement(hosts: 2, enforcing: 0, suspended: 1))
        try await fleet.set(0, .retired)
        #expect(try await fleet.enforcement(1) == Enforcement(hosts: 1, enforcing: 0, suspended: 1))
    }

    @Test(arguments: Engine.allCases) func `in pages, with hosts that never had an agent`(
        _ engine: Engine
    ) async throws {
        let fleet = try await Fleet(engine, hosts: 3)
        let bare = try Sample.host("web00", owner: fleet.owner)
        try await fleet.store.keep(.identityAdded(bare))
        #expect(try await fleet.enforcement(1).hosts == 3)
        let first = try await fleet.store.hosts(HostQuery(limit: 2))
        #expect(first.map(\.id.name.text) == ["web0", "web00"] && first.map(\.isEnrolled) == [true, false])
        let rest = try await fleet.store.hosts(HostQuery(after: try Name(host: "web00")))
        #expect(rest.map(\.id.name.text) == ["web1", "web2"])
    }

    @Test(arguments: Engine.allCases) func `and never goes back, whatever overtakes what`(
        _ engine: Engine
    ) async throws {
        let fleet = try await Fleet(engine, hosts: 1)
        try await fleet.says(0, version: 7, issuedAt: 100, after: 0)
        for (epoch, version, issuedAt) in [(1, 6, 900), (1, 7, 99), (0, 99, 900)]
            as [(UInt64, UInt64, UInt64)]
        {
            try await fleet.says(
                0, epoch: epoch, version: version, issuedAt: issuedAt, enforced: false, after: 5)
        }
        var held = try #require(try await fleet.store.hosts(HostQuery()).first)
        #expect(held.acknowledged?.state == HostStateNumber(epoch: 1, version: 7))
        #expect(held.acknowledged?.isEnforced == true && held.since == Sample.noon)
        // The same again moves only when it was heard; another word about it is another moment.
        try await fleet.says(0, version: 7, issuedAt: 101, after: 60)
        held = try #require(try await fleet.store.hosts(HostQuery()).first)
        #expect(held.since == Sample.noon && held.acknowledged?.at == Sample.noon.advanced(by: 60))
        try await fleet.says(0, version: 7, issuedAt: 101, enforced: false, after: 70)
        held = try #require(try await fleet.store.hosts(HostQuery()).first)
        #expect(held.since == Sample.noon.advanced(by: 70) && held.acknowledged?.isEnforced == false)
        // After a restore versions begin lower; the epoch counts first.
        try await fleet.says(0, epoch: 9, version: 2, after: 80)
        #expect(try await fleet.enforcement(2, epoch: 9).enforcing == 1)
        #expect(try await fleet.enforcement(7).enforcing == 1)
        #expect(try await fleet.enforcement(3, epoch: 9).enforcing == 0)
    }

    @Test(arguments: Engine.allCases) func `until the host begins anew`(_ engine: Engine) async throws {
        let fleet = try await Fleet(engine, hosts: 1)
        try await fleet.says(0, version: 7)
        try await fleet.store.keep(.hostBegun(try fleet.id(0)))
        #expect(try await fleet.enforcement(1) == Enforcement(hosts: 1))
        try await fleet.says(0, version: 3)
        #expect(try await fleet.enforcement(3).enforcing == 1)
    }

    @Test(arguments: Engine.allCases) func `with the sessions that they ended, by version`(
        _ engine: Engine
    ) async throws {
        let fleet = try await Fleet(engine, hosts: 2)
        try await fleet.says(0, version: 4, ended: 2)
        try await fleet.says(0, version: 4, issuedAt: 2, ended: 1)
        try await fleet.says(0, version: 4, issuedAt: 3)
        try await fleet.says(1, version: 5, ended: 1)
        #expect(try await fleet.enforcement(4).endedSessions == 4)
        #expect(try await fleet.enforcement(5).endedSessions == 1)
        // What an older state is told of counts no more.
        try await fleet.says(1, version: 4, ended: 9)
        #expect(try await fleet.enforcement(4).endedSessions == 4)
        try await fleet.says(0, version: 7, ended: 1)
        #expect(try await fleet.enforcement(6).endedSessions == 1)
    }

    @Test(arguments: Engine.allCases) func `N08 of 1,000 hosts at once`(_ engine: Engine) async throws {
        let fleet = try await Fleet(engine, hosts: 1_000)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for host in 0..<1_000 {
                for version in [2, 1, 3] as [UInt64] {
                    group.addTask { try await fleet.says(host, version: version) }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await fleet.enforcement(3) == Enforcement(hosts: 1_000, enforcing: 1_000))
        #expect(try await fleet.enforcement(4).enforcing == 0)
    }
}

@Suite struct `A storage engine says whose sessions shall end` {
    @Test(arguments: Engine.allCases) func `for a day, of certificates that ended before, too`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let (alice, bob) = (try Sample.person("alice"), try Sample.person("bob"))
        let laptop = try Sample.device("alice.laptop", of: alice.id)
        for identity in [alice, bob, laptop] { try await store.keep(.identityAdded(identity)) }
        for (serial, holder) in [(1, alice), (2, alice), (3, bob), (4, bob)] as [(UInt64, Identity)] {
            try await store.keep(
                .certificateIssued(try Sample.certificate(serial, for: holder.id, key: UInt8(serial))))
        }
        // Long after all of them ended.
        let later = Sample.noon.advanced(by: 30 * 86_400)
        try await store.keep(.revoked(Revocation(target: .identity(alice.id), reason: "", at: later)))
        #expect(try await store.endingSessions(at: later) == RevokedNow())
        #expect(try await store.revoked(.user, at: later) == RevokedNow())
        try await store.keep(
            .revoked(Revocation(target: .identity(alice.id), reason: "", at: later, endsSessions: true)),
            .revoked(Revocation(target: .serial(.user, 4), reason: "", at: later, endsSessions: true)))
        let key = try Sample.privateKey(9).publicKey.fingerprint
        try await store.keep(
            .revoked(Revocation(target: .key(key), reason: "", at: later, endsSessions: true)))
        let expected = RevokedNow(serials: [1...2, 4...4], keys: [key])
        #expect(try await store.endingSessions(at: later) == expected)
        // Hosts end only what the list has that they hold, so it has them as long.
        #expect(try await store.revoked(.user, at: later) == expected)
        let next = later.advanced(by: Int64(Revocation.sessionOrder))
        #expect(try await store.endingSessions(at: next.advanced(by: -1)) == expected)
        #expect(try await store.endingSessions(at: next) == RevokedNow())
        #expect(try await store.revoked(.user, at: next) == RevokedNow(serials: [], keys: [key]))
    }

    @Test(arguments: Engine.allCases) func `but not of certificates that ended three months before`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let alice = try Sample.person("alice")
        try await store.keep(.identityAdded(alice))
        let certificate = try Sample.certificate(1, for: alice.id)
        try await store.keep(.certificateIssued(certificate))
        let end = certificate.certificate.validBefore.advanced(by: Int64(Revocation.sessionReach))
        for (at, serials) in [(end, []), (end.advanced(by: -1), [1...1])]
            as [(UnixTime, [ClosedRange<UInt64>])]
        {
            try await store.keep(
                .revoked(Revocation(target: .identity(alice.id), reason: "", at: at, endsSessions: true)))
            #expect(try await store.endingSessions(at: at).serials == serials)
        }
    }
}

/// Hosts `web0`, `web1`… with an agent each.
private struct Fleet {
    let store: any Storage
    let owner: IdentityID

    init(_ engine: Engine, hosts: Int) async throws {
        store = try await engine.open()
        let alice = try Sample.person("alice")
        owner = alice.id
        try await store.keep(.identityAdded(alice))
        for number in 0..<hosts {
            let host = try Sample.host("web\(number)", owner: owner)
            let key = try PrivateKey(ed25519Seed: (0..<4).flatMap { _ in Self.bytes(of: UInt64(number + 1)) })
            let registered = RegisteredKey(
                publicKey: key.publicKey, identity: host.id, purpose: .authenticate, origin: "enrolment",
                createdAt: Sample.noon)
            try await store.keep(.identityAdded(host), .keyRegistered(registered))
        }
    }

    func id(_ number: Int) throws -> IdentityID { IdentityID(.host, try Name(host: "web\(number)")) }

    func says(
        _ host: Int, epoch: UInt64 = 1, version: UInt64, issuedAt: UInt64 = 1, enforced: Bool = true,
        faults: [String] = [], ended: UInt64 = 0, after: Int64 = 0
    ) async throws {
        let said = HostAcknowledgement(
            host: try id(host), state: HostStateNumber(epoch: epoch, version: version), issuedAt: issuedAt,
            isEnforced: enforced, faults: faults, ended: ended, at: Sample.noon.advanced(by: after))
        while true {
            do {
                try await store.keep(.hostAcknowledged(said))
                return
            } catch StoreError.busy {
                // More than wait at once are told to come again, as agents do.
                await Task.yield()
            }
        }
    }

    func enforcement(_ version: UInt64, epoch: UInt64 = 1) async throws -> Enforcement {
        try await store.enforcement(of: HostStateNumber(epoch: epoch, version: version))
    }

    func set(_ number: Int, _ status: IdentityStatus) async throws {
        var host = try Sample.host("web\(number)", owner: owner)
        host.status = status
        try await store.keep(.identityChanged(host))
    }

    private static func bytes(of number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}
