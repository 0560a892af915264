import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `A revocation` {
    private func issue(
        _ house: TestHouse, _ requester: Requester, key: UInt8 = 90
    ) async throws -> Certificate {
        try await house.authority.issuance.issue(try house.wish(key: key), by: requester, once: .unclaimed)
            .value.certificate
    }

    private func revoke(
        _ target: RevocationTarget, by requester: Requester, _ house: TestHouse
    ) async throws -> UInt64 {
        try await house.authority.revocations.revoke(target, reason: "test", by: requester, once: .unclaimed)
            .value
    }

    private func list(_ house: TestHouse, _ authority: CertificateAuthority = .user) async throws -> KRL {
        try KRL(bytes: try await house.authority.revocations.lists.list(for: .everyone(authority)).bytes)
    }

    @Test func `by serial is of one certificate`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        let first = try await issue(house, alice)
        let second = try await issue(house, alice)
        let version = try await revoke(.serial(.user, first.serial), by: alice, house)
        let krl = try await list(house)
        #expect(krl.revokes(first))
        #expect(!krl.revokes(second))
        #expect(krl.version == version)
        #expect(!(try await list(house, .host)).revokes(first))
    }

    @Test func `of a certificate for hosts without the agent stands in the user KRL`() async throws {
        let house = try await TestHouse()
        _ = try await house.addHost("old1.example.com", agentKey: 22, hostKey: 23)
        let alice = try await house.requester("alice")
        let issued = try await house.authority.issuance.issue(
            try house.wish(to: "old1.example.com"), by: alice, once: .unclaimed
        ).value.certificate
        _ = try await revoke(.serial(.plainUser, issued.serial), by: alice, house)
        #expect(try await list(house).revokes(issued))
    }

    @Test func `by serial is told to agents for whoever signed it, and to others by its authority`()
        async throws
    {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        let first = try await issue(house, alice)
        let second = try await issue(house, alice)
        _ = try await revoke(.serial(.user, first.serial), by: alice, house)
        let agents = try KRL(bytes: try await house.authority.revocations.lists.list(for: .agents).bytes)
        #expect(agents.certificates.keys.elementsEqual([[]]))
        #expect(agents.revokes(first))
        #expect(!agents.revokes(second))
        let userCA = try house.authority.keys.key(.userCA)
        #expect(try await list(house).certificates.keys.elementsEqual([userCA.blob]))
    }

    @Test func `by key is of every use of it`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        let first = try await issue(house, alice)
        let other = try await issue(house, alice, key: 91)
        let hal = try await house.requester("hal")
        _ = try await revoke(.key(first.fingerprint), by: hal, house)
        for authority in CertificateAuthority.allCases {
            let krl = try await list(house, authority)
            #expect(krl.revokes(first))
            #expect(krl.revokes(key: first.publicKey))
            #expect(!krl.revokes(other))
        }
        #expect(
            await refusal {
                try await house.authority.issuance.issue(try house.wish(), by: alice, once: .unclaimed)
            } == .keyRevoked)
    }

    @Test func `by identity is of all that runs now`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        let bob = try await house.requester("bob")
        let hers = [try await issue(house, alice), try await issue(house, alice, key: 91)]
        let his = try await issue(house, bob, key: 92)
        let hal = try await house.requester("hal")
        _ = try await revoke(.identity(alice.identity.id), by: hal, house)
        house.clock.step(1)
        let later = try await issue(house, alice, key: 93)
        let krl = try await list(house)
        for one in hers { #expect(krl.revokes(one)) }
        for one in [his, later] { #expect(!krl.revokes(one)) }
    }

    @Test func `of a host is in the list of host certificates`() async throws {
        let (house, host) = try await TestHouse.withHost()
        let issued = try await house.authority.issuance.issueHost(
            [try TestHouse.key(21).publicKey], by: host, once: .unclaimed)
        let one = try #require(issued.value.first).certificate
        let ada = try await house.requester("ada")
        _ = try await house.authority.administration.setStatus(
            host.identity.id, .suspended, reason: "", by: ada, once: .unclaimed)
        #expect(try await list(house, .host).revokes(one))
    }

    @Test func `Z06 Z08 is anybody's right on what is their own, the helpdesk's on the rest`() async throws {
        let house = try await TestHouse()
        _ = try await house.addHost("web1.example.com", agentKey: 20, hostKey: 21, labels: ["env=staging"])
        let person = try await house.enrol("alice", key: 1)
        let alice = try await house.requester("alice")
        let bob = try await house.requester("bob")
        let hal = try await house.requester("hal")
        let hers = try await issue(house, alice)
        let targets: [RevocationTarget] = [
            .serial(.user, hers.serial), .key(person.key.publicKey.fingerprint),
            .identity(try IdentityID("device:alice.laptop")), .identity(alice.identity.id),
        ]
        for target in targets {
            #expect(await refusal { try await revoke(target, by: bob, house) } == .notFound)
            #expect(await refusal { try await revoke(target, by: alice, house) } == nil)
            #expect(await refusal { try await revoke(target, by: hal, house) } == nil)
        }
        #expect(await house.story.count { $0 == "revoked:not-found" } == 4)
        #expect(await house.story.count { $0 == "revoked" } == 8)
    }

    @Test func `names what exists`() async throws {
        let house = try await TestHouse()
        let hal = try await house.requester("hal")
        let alice = try await house.requester("alice")
        for serial in [0, 1, UInt64.max] {
            #expect(await refusal { try await revoke(.serial(.user, serial), by: hal, house) } == .notFound)
            #expect(
                await refusal { try await revoke(.serial(.user, serial), by: alice, house) } == .notFound
            )
        }
        #expect(
            await refusal { try await revoke(.identity(try IdentityID("nobody")), by: hal, house) }
                == .notFound)
    }

    @Test func `says a version that carries it, however many happen at once`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        var serials: [UInt64] = []
        for _ in 0..<40 { serials.append(try await issue(house, alice).serial) }
        let versions = await withTaskGroup(of: UInt64?.self) { group in
            for serial in serials {
                group.addTask { try? await revoke(.serial(.user, serial), by: alice, house) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let last = await house.store.hostStateVersion()
        #expect(versions.allSatisfy { ($0 ?? .max) <= last })
        #expect(versions.contains(last))
        let krl = try await list(house)
        #expect(krl.version == last)
        let userCA = try house.authority.keys.key(.userCA)
        #expect(krl.certificates[userCA.blob]?.serials.count == 40)
    }

    @Test func `leaves the list when the certificate has run out`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        let first = try await issue(house, alice)
        _ = try await revoke(.serial(.user, first.serial), by: alice, house)
        house.clock.step(28_800)
        #expect(!(try await list(house)).revokes(first))
    }

    @Test func `is not recorded twice for one claim`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        let first = try await issue(house, alice)
        let once = Once<UInt64>(claim: house.claim(3)) { Array("\($0)".utf8) }
        let outcome = try await house.authority.revocations.revoke(
            .serial(.user, first.serial), reason: "", by: alice, once: once)
        let error = await failure {
            try await house.authority.revocations.revoke(
                .serial(.user, first.serial), reason: "", by: alice, once: once)
        }
        guard case .replayed(let reply) = error else { return #expect(Bool(false), "\(error as Any)") }
        #expect(try house.authority.idempotency.open(reply) == Array("\(outcome.value)".utf8))
        #expect(await house.story.count { $0 == "revoked" } == 1)
    }
}
