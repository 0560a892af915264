import Authority
import Names
import SSHFormats
import Testing

@Suite struct `A storage engine knows the certificates` {
    @Test(arguments: Engine.allCases) func `that were issued, newest first, once each`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let alice = try Sample.person()
        try await store.keep(.identityAdded(alice))
        let issued = try (1...3).map {
            try Sample.certificate(
                UInt64($0), for: alice.id, issuedAt: Sample.noon.advanced(by: Int64($0 / 2)))
        }
        for one in issued { try await store.keep(.certificateIssued(one)) }
        #expect(await conflict { try await store.keep(.certificateIssued(issued[0])) } == .conflict(.exists))
        #expect(try await store.certificate(.user, serial: 2) == issued[1])
        #expect(try await store.certificate(.host, serial: 2) == nil)
        #expect(try await store.certificates(of: alice.id, limit: 2) == [issued[2], issued[1]])
        let plain = try Sample.certificate(1, for: alice.id, authority: .plainUser)
        try await store.keep(.certificateIssued(plain))
        #expect(try await store.certificate(.plainUser, serial: 1) == plain)
    }

    @Test(arguments: Engine.allCases) func `and gives no serial twice to 100 callers`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let ranges = try await withThrowingTaskGroup(of: ClosedRange<UInt64>.self) { group in
            for number in 0..<100 {
                group.addTask {
                    try await store.reserveSerials(node: "n\(number % 3)", count: UInt64(number % 5) + 1)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let serials = ranges.flatMap(Array.init).sorted()
        #expect(serials == Array(1...UInt64(serials.count)))
    }

    @Test(arguments: Engine.allCases) func `revoked by serial, until they end`(_ engine: Engine) async throws
    {
        let store = try await engine.open()
        let alice = try Sample.person()
        try await store.keep(
            .identityAdded(alice),
            .certificateIssued(try Sample.certificate(1, for: alice.id)),
            .certificateIssued(try Sample.certificate(2, for: alice.id)),
            .certificateIssued(try Sample.certificate(4, for: alice.id)))
        for serial in [UInt64(4), 1, 2, 9] {
            try await store.keep(.revoked(revocation(.serial(.user, serial))))
        }
        #expect(try await store.revoked(.user, at: Sample.noon).serials == [1...2, 4...4, 9...9])
        #expect(try await store.revoked(.host, at: Sample.noon) == RevokedNow())
        let end = Sample.noon.advanced(by: 28_800)
        #expect(try await store.revoked(.user, at: end.advanced(by: -1)).serials == [1...2, 4...4, 9...9])
        #expect(try await store.revoked(.user, at: end).serials == [9...9])
    }

    @Test(arguments: Engine.allCases) func `revoked with their key, for good`(_ engine: Engine) async throws {
        let store = try await engine.open()
        let alice = try Sample.person()
        let key = try Sample.privateKey(2).publicKey.fingerprint
        try await store.keep(
            .identityAdded(alice),
            .certificateIssued(try Sample.certificate(1, for: alice.id, key: 1)),
            .certificateIssued(try Sample.certificate(2, for: alice.id, key: 2)))
        #expect(try await store.standing(of: key) == KeyStanding())
        try await store.keep(.revoked(revocation(.key(key))))
        try await store.keep(.certificateIssued(try Sample.certificate(3, for: alice.id, key: 2)))
        #expect(try await store.standing(of: key) == KeyStanding(isRevoked: true))
        #expect(try await store.revoked(.user, at: Sample.noon) == RevokedNow(serials: [2...3], keys: [key]))
        let late = try await store.revoked(.host, at: Sample.noon.advanced(by: 1_000_000))
        #expect(late == RevokedNow(serials: [], keys: [key]))
    }

    @Test(arguments: Engine.allCases) func `refused by the standing of their key, in one read`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let alice = try Sample.person()
        let laptop = try Sample.device("laptop", of: alice.id)
        let (own, free) = (try Sample.key(1, of: laptop.id), try Sample.privateKey(2).publicKey.fingerprint)
        let fingerprint = own.publicKey.fingerprint
        try await store.keep(.identityAdded(alice), .identityAdded(laptop), .keyRegistered(own))
        #expect(try await store.standing(of: free) == KeyStanding())
        let held = KeyStanding(isRevoked: false, holder: laptop.id, owner: alice.id)
        #expect(try await store.standing(of: fingerprint) == held)
        try await store.keep(.revoked(revocation(.key(fingerprint))))
        let revoked = KeyStanding(isRevoked: true, holder: laptop.id, owner: alice.id)
        #expect(try await store.standing(of: fingerprint) == revoked)
    }

    @Test(arguments: Engine.allCases) func `revoked with a person, her devices too, but none issued later`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let (alice, bob) = (try Sample.person("alice"), try Sample.person("bob"))
        let laptop = try Sample.device("laptop", of: alice.id)
        try await store.keep(
            .identityAdded(alice), .identityAdded(bob), .identityAdded(laptop),
            .certificateIssued(try Sample.certificate(1, for: alice.id, device: laptop.id)),
            .certificateIssued(try Sample.certificate(2, for: bob.id)),
            .certificateIssued(try Sample.certificate(3, for: laptop.id)))
        try await store.keep(.revoked(revocation(.identity(alice.id))))
        let later = try Sample.certificate(5, for: alice.id, issuedAt: Sample.noon.advanced(by: 1))
        try await store.keep(
            .certificateIssued(try Sample.certificate(4, for: alice.id)), .certificateIssued(later))
        #expect(try await store.revoked(.user, at: Sample.noon).serials == [1...1, 3...4])
    }

    @Test(arguments: Engine.allCases) func `revoked with the device that they name`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let alice = try Sample.person()
        let laptop = try Sample.device("laptop", of: alice.id)
        try await store.keep(
            .identityAdded(alice), .identityAdded(laptop),
            .certificateIssued(try Sample.certificate(1, for: alice.id, device: laptop.id)),
            .certificateIssued(try Sample.certificate(2, for: alice.id)))
        try await store.keep(.revoked(revocation(.identity(laptop.id))))
        #expect(try await store.revoked(.user, at: Sample.noon).serials == [1...1])
    }

    @Test(arguments: Engine.allCases) func `and counts what hosts must hold`(_ engine: Engine) async throws {
        let store = try await engine.open()
        let alice = try Sample.person()
        let web = try Sample.host("web", owner: alice.id)
        try await store.keep(.identityAdded(alice), .identityAdded(web), .identityChanged(alice))
        let start = try await store.hostStateVersion()
        try await store.keep(.identityChanged(web))
        try await store.keep(.hostStateMoved, .revoked(revocation(.serial(.user, 1))))
        #expect(try await store.hostStateVersion() == start + 3)
    }

    private func revocation(_ target: RevocationTarget) -> Revocation {
        Revocation(target: target, reason: "lost", at: Sample.noon)
    }
}
