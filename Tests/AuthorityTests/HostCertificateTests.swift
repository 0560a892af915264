import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `A host certificate` {
    @Test func `names what the server knows of the host`() async throws {
        let (house, host) = try await TestHouse.withHost()
        let issued = try await house.authority.issuance.issueHost(
            [try TestHouse.key(21).publicKey], by: host, once: .unclaimed)
        let one = try #require(issued.value.first)
        #expect(one.authority == .host)
        #expect(one.certificate.kind == .host)
        #expect(one.certificate.principals?.names == ["web1.example.com", "web1", "192.0.2.80"])
        #expect(one.certificate.keyID == "host:web1.example.com")
        #expect(one.certificate.validBefore == house.clock.now.advanced(by: 30 * 86_400))
        #expect(one.certificate.signatureKey == (try house.authority.keys.key(.hostCA)))
        #expect(await house.store.issued == issued.value)
    }

    @Test func `C03 is for hosts alone, a user certificate never`() async throws {
        let (house, host) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        #expect(
            await refusal {
                try await house.authority.issuance.issue(try house.wish(), by: host, once: .unclaimed)
            }
                == .noGrant)
        #expect(
            await refusal {
                try await house.authority.issuance.issueHost(
                    [try TestHouse.key(21).publicKey], by: alice, once: .unclaimed)
            } == .notSignedIn)
        #expect(house.signer.signed == 0)
        #expect(await house.store.issued.isEmpty)
        #expect(await house.story == ["certificate.refused:no-grant", "certificate.refused:not-signed-in"])
    }

    @Test func `C03 and a user certificate come from different CA keys`() async throws {
        let (house, host) = try await TestHouse.withHost()
        let alice = try await house.requester("alice")
        let user = try await house.authority.issuance.issue(try house.wish(), by: alice, once: .unclaimed)
            .value
        let hosts = try await house.authority.issuance.issueHost(
            [try TestHouse.key(21).publicKey], by: host, once: .unclaimed
        ).value
        let one = try #require(hosts.first)
        #expect(user.certificate.signatureKey != one.certificate.signatureKey)
        #expect(user.certificate.serial != one.certificate.serial)
        let names = try #require(user.certificate.principals?.names)
        #expect(Set(names).isDisjoint(with: one.certificate.principals?.names ?? []))
    }

    @Test func `N03 is for keys that this very host proved`() async throws {
        let (house, host) = try await TestHouse.withHost()
        _ = try await house.addHost("db1.example.com", agentKey: 22, hostKey: 23)
        // Its agent's key, another host's key, a key of nobody.
        for number in [20, 23, 77] as [UInt8] {
            #expect(
                await refusal {
                    try await house.authority.issuance.issueHost(
                        [try TestHouse.key(number).publicKey], by: host, once: .unclaimed)
                } == .keyTaken)
        }
        #expect(house.signer.signed == 0)
        #expect(await house.story == Array(repeating: "certificate.refused:key-taken", count: 3))
    }

    @Test(arguments: 0..<4) func `Z03 N03 with one foreign key refuses them all`(_ position: Int) async throws
    {
        let (house, host) = try await TestHouse.withHost()
        var numbers: [UInt8] = [21, 24, 25]
        for number in numbers.dropFirst() {
            let key = RegisteredKey(
                publicKey: try TestHouse.key(number).publicKey, identity: host.identity.id,
                purpose: .authenticate, origin: "host-key", createdAt: house.clock.now)
            _ = try await house.store.record(Entry([.keyRegistered(key)], event: nil))
        }
        numbers.insert(99, at: position)
        let keys = try numbers.map { try TestHouse.key($0).publicKey }
        #expect(
            await refusal { try await house.authority.issuance.issueHost(keys, by: host, once: .unclaimed) }
                == .keyTaken)
        #expect(await house.store.issued.isEmpty)
        #expect(house.signer.signed == 0)
    }

    @Test func `is refused for a revoked key, and that is recorded`() async throws {
        let (house, host) = try await TestHouse.withHost()
        let key = try TestHouse.key(21).publicKey
        let revocation = Revocation(target: .key(key.fingerprint), reason: "lost", at: house.clock.now)
        _ = try await house.store.record(Entry([.revoked(revocation)], event: nil))
        #expect(
            await refusal { try await house.authority.issuance.issueHost([key], by: host, once: .unclaimed) }
                == .keyRevoked)
        #expect(await house.story == ["certificate.refused:key-revoked"])
    }

    @Test(arguments: [0, 9]) func `is asked for with 1 to 8 keys`(_ count: Int) async throws {
        let (house, host) = try await TestHouse.withHost()
        let keys = [PublicKey](repeating: try TestHouse.key(21).publicKey, count: count)
        #expect(
            await refusal { try await house.authority.issuance.issueHost(keys, by: host, once: .unclaimed) }
                == .badRequest)
    }
}
