import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `A device` {
    /// alice with a laptop that is signed in and a certificate that it was given.
    private struct Laptop {
        let house: TestHouse
        let person: TestPerson
        let device: IdentityID
        let requester: Requester
        let certificate: IssuedCertificate

        func act(_ act: DeviceAct, by requester: Requester, reason: String = "") async throws -> Identity {
            try await house.authority.deviceDesk.act(
                act, on: device, reason: reason, by: requester, once: .unclaimed
            ).value
        }

        var keyState: KeyState? {
            get async { await house.store.key(person.key.publicKey.fingerprint)?.state }
        }

        func signIn() async -> Refusal? {
            house.clock.step(30)
            return await refusal { try await house.signIn(person) }
        }
    }

    private func laptop() async throws -> Laptop {
        let (house, _) = try await TestHouse.withHost()
        let person = try await house.enrol("alice", key: 1)
        let requester = try await house.asks(person)
        let issued = try await house.authority.issuance.issue(
            try house.wish(), by: requester, once: .unclaimed)
        return Laptop(
            house: house, person: person, device: try IdentityID("device:alice.laptop"), requester: requester,
            certificate: issued.value)
    }

    @Test func `that is suspended loses sessions and certificates, and comes back by its owner`() async throws
    {
        let laptop = try await laptop()
        let elsewhere = try await laptop.house.requester("alice")
        #expect(try await laptop.act(.suspend, by: elsewhere, reason: "in the train").status == .suspended)
        #expect(await laptop.keyState == .suspended)
        #expect(await refusal { try await laptop.house.asks(laptop.person) } == .notSignedIn)
        #expect(await laptop.signIn() == .identitySuspended)
        let revoked = try await laptop.house.store.revoked(.user, at: laptop.house.clock.now)
        let serial = laptop.certificate.certificate.serial
        #expect(revoked.serials.contains { $0.contains(serial) })
        #expect(revoked.keys.isEmpty, "the key is not revoked for good")
        #expect(try await laptop.act(.resume, by: elsewhere).status == .active)
        #expect(await laptop.keyState == .active)
        #expect(await laptop.signIn() == nil)
        let suspended = try #require(
            await laptop.house.store.events.first { $0.action == .identitySuspended })
        #expect(suspended.details["reason"] == .text("in the train"))
    }

    @Test func `that is lost has compromised keys, for good`() async throws {
        let laptop = try await laptop()
        let elsewhere = try await laptop.house.requester("alice")
        #expect(try await laptop.act(.lost, by: elsewhere).status == .retired)
        #expect(await laptop.keyState == .compromised)
        #expect(await refusal { try await laptop.house.asks(laptop.person) } == .notSignedIn)
        let revoked = try await laptop.house.store.revoked(.user, at: laptop.house.clock.now)
        #expect(revoked.serials.contains { $0.contains(laptop.certificate.certificate.serial) })
        #expect(revoked.keys == [laptop.person.key.publicKey.fingerprint])
        #expect(await laptop.signIn() == .keyRevoked)
        for act in DeviceAct.allCases {
            #expect(await refusal { try await laptop.act(act, by: elsewhere) } == .stateChange)
        }
        #expect(await laptop.house.story.contains("device.lost"))
    }

    @Test func `that is retired may still turn out to be lost`() async throws {
        let laptop = try await laptop()
        let elsewhere = try await laptop.house.requester("alice")
        _ = try await laptop.act(.retire, by: elsewhere)
        #expect(await laptop.keyState == .deactivated)
        #expect(await refusal { try await laptop.act(.resume, by: elsewhere) } == .stateChange)
        _ = try await laptop.act(.lost, by: elsewhere)
        #expect(await laptop.keyState == .compromised)
    }

    @Test func `that somebody else suspended is not resumed by its owner`() async throws {
        let laptop = try await laptop()
        let (alice, hal) = (
            try await laptop.house.requester("alice"), try await laptop.house.requester("hal")
        )
        _ = try await laptop.act(.suspend, by: hal)
        #expect(await refusal { try await laptop.act(.resume, by: alice) } == .adminRequired)
        #expect(try await laptop.act(.resume, by: hal).status == .active)
    }

    @Test func `is resumed with a fresh factor only`() async throws {
        let laptop = try await laptop()
        let stale = try await laptop.house.requester("alice", signedIn: 900)
        _ = try await laptop.act(.suspend, by: stale)
        let answer = await refused { try await laptop.act(.resume, by: stale) }
        #expect(answer?.refusal == .factorTooOld)
        #expect(answer?.factors == [.totp])
        let fresh = try await laptop.house.requester("alice", signedIn: 899)
        #expect(try await laptop.act(.resume, by: fresh).status == .active)
    }

    @Test(arguments: DeviceAct.allCases)
    func `Z06 Z08 of others is as one that does not exist, and the attempt is recorded`(
        _ act: DeviceAct
    ) async throws {
        let laptop = try await laptop()
        let bob = try await laptop.house.requester("bob")
        let absent = try IdentityID("device:nobody.laptop")
        for id in [laptop.device, absent, try IdentityID("alice"), try IdentityID("host:web1.example.com")] {
            let before = await laptop.house.store.events.count
            let answer = await refused {
                try await laptop.house.authority.deviceDesk.act(
                    act, on: id, reason: "", by: bob, once: .unclaimed)
            }
            #expect(answer == Refused(.notFound, id.description))
            let events = await laptop.house.store.events.dropFirst(before)
            #expect(events.map(\.refusal) == [.notFound])
            #expect(events.map(\.actor) == [bob.identity.id])
            #expect(events.first?.subject == id.description)
        }
        #expect(await laptop.keyState == .active)
    }

    @Test func `Z08 of an admin is out of the helpdesk's reach`() async throws {
        let house = try await TestHouse()
        _ = try await house.enrol("ada", key: 3)
        let hal = try await house.requester("hal")
        #expect(
            await refusal {
                try await house.authority.deviceDesk.act(
                    .lost, on: try IdentityID("device:ada.laptop"), reason: "", by: hal, once: .unclaimed)
            } == .adminRequired)
        #expect(
            await refusal {
                try await house.authority.deviceDesk.act(
                    .lost, on: try IdentityID("device:nobody.laptop"), reason: "", by: hal, once: .unclaimed)
            } == .notFound)
    }

    @Test func `is listed to its owner and to those with a role`() async throws {
        let laptop = try await laptop()
        let desk = laptop.house.authority.deviceDesk
        let own = try await desk.list(of: nil, by: laptop.requester)
        #expect(own.map(\.identity.id) == [laptop.device])
        #expect(own.first?.sessions == 1)
        #expect(own.first?.keys.map(\.publicKey) == [laptop.person.key.publicKey])
        let hal = try await laptop.house.requester("hal")
        #expect(try await desk.list(of: laptop.person.session.session.identity, by: hal).count == 1)
        #expect(try await desk.show(laptop.device, by: hal).identity.id == laptop.device)
        let bob = try await laptop.house.requester("bob")
        #expect(
            await refusal { try await desk.list(of: laptop.person.session.session.identity, by: bob) }
                == .adminRequired)
        #expect(await refusal { try await desk.show(laptop.device, by: bob) } == .notFound)
    }
}

@Suite struct `Registered keys` {
    @Test func `say when and from where they were used last`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        let requester = try await house.asks(alice)
        let first = try await house.authority.keyDesk.list(.own, KeyQuery(), by: requester)
        #expect(first.map(\.key.lastUsedFrom) == [TestHouse.source])
        house.clock.step(61)
        _ = try await house.authority.sessions.authenticate(
            tokenHash: TokenHash.of(alice.session.token.withExposed { $0 }), key: alice.key.publicKey,
            source: "198.51.100.4", requestID: "r")
        let later = try await house.authority.keyDesk.list(.own, KeyQuery(), by: requester)
        #expect(later.map(\.key.lastUsedFrom) == ["198.51.100.4"])
        #expect(later.map(\.key.lastUsedAt) == [house.clock.now])
        #expect(later.map(\.key.state) == [.active])
        #expect(later.map(\.owner) == [requester.identity.id])
    }

    @Test func `of hosts are used once an hour as far as the store is told`() async throws {
        let (house, _) = try await TestHouse.withHost()
        let agent = try TestHouse.key(20).publicKey
        var times: [UnixTime?] = []
        for wait in [0, 3_599, 1] as [Int64] {
            house.clock.step(wait)
            _ = try await house.authority.sessions.authenticate(
                key: agent, source: "192.0.2.9", requestID: "r")
            times.append(await house.store.key(agent.fingerprint)?.lastUsedAt)
        }
        #expect(
            times == [
                house.clock.now.advanced(by: -3_600), house.clock.now.advanced(by: -3_600), house.clock.now,
            ])
    }

    @Test func `are filtered by whose, state and age`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(86_400)
        let bob = try await house.enrol("bob", key: 2)
        let audrey = try await house.requester("audrey")
        let desk = house.authority.keyDesk
        #expect(try await desk.list(.everybody, KeyQuery(), by: audrey).count == 2)
        let old = KeyQuery(createdBefore: house.clock.now.advanced(by: -86_400))
        #expect(
            try await desk.list(.everybody, old, by: audrey).map(\.key.publicKey) == [alice.key.publicKey])
        #expect(try await desk.list(.everybody, KeyQuery(state: .compromised), by: audrey).isEmpty)
        let ofBob = try await desk.list(.identity(try IdentityID("bob")), KeyQuery(), by: audrey)
        #expect(ofBob.map(\.key.publicKey) == [bob.key.publicKey])
        let laptop = try IdentityID("device:alice.laptop")
        let requester = try await house.requester("alice")
        #expect(try await desk.list(.identity(laptop), KeyQuery(), by: requester).count == 1)
    }

    @Test func `of a host that was set up anew follow the former ones`() async throws {
        let house = try await TestHouse()
        let former = try TestHouse.key(20).publicKey.fingerprint
        _ = try await house.addHost("web1.example.com", agentKey: 20, hostKey: 21)
        let new = RegisteredKey(
            publicKey: try TestHouse.key(22).publicKey, identity: try IdentityID("host:web1.example.com"),
            purpose: .authenticate, origin: "enrolment", createdAt: house.clock.now, predecessor: former)
        _ = try await house.store.record(
            Entry([.keyChanged(former, .deactivated), .keyRegistered(new)], event: nil))
        let audrey = try await house.requester("audrey")
        let found = try await house.authority.keyDesk.show(former, by: audrey)
        #expect(found.successor == new.publicKey.fingerprint)
        #expect(found.key.state == .deactivated)
    }

    @Test func `Z06 of others are as those that do not exist, and the attempt is recorded`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        let bob = try await house.requester("bob")
        for key in [alice.key.publicKey.fingerprint, try TestHouse.key(77).publicKey.fingerprint] {
            let answer = await refused { try await house.authority.keyDesk.show(key, by: bob) }
            #expect(answer == Refused(.notFound, key.description))
            let event = try #require(await house.store.events.last)
            #expect(event.action == .read && event.refusal == .notFound && event.actor == bob.identity.id)
        }
        #expect(
            await refusal { try await house.authority.keyDesk.list(.everybody, KeyQuery(), by: bob) }
                == .adminRequired)
    }
}

@Suite struct `Sessions` {
    @Test func `A10 are all listed and can be ended by their person`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        let requester = try await house.asks(alice)
        house.clock.step(30)
        let second = try await house.signIn(alice)
        let desk = house.authority.sessionDesk
        let listed = try await desk.list(of: nil, by: requester)
        #expect(listed.map(\.id) == [second.session.id, alice.session.session.id])
        let ended = try await desk.end(.one(second.session.id), by: requester, once: .unclaimed)
        #expect(ended.value == [second.session.id])
        #expect(try await desk.list(of: nil, by: requester).map(\.id) == [alice.session.session.id])
        #expect(
            await refusal {
                try await house.authority.sessions.authenticate(
                    tokenHash: TokenHash.of(second.token.withExposed { $0 }), key: alice.key.publicKey,
                    source: TestHouse.source, requestID: "r")
            } == .notSignedIn)
        #expect(
            await refusal { try await desk.end(.one(second.session.id), by: requester, once: .unclaimed) }
                == .notFound)
    }

    @Test func `A10 of somebody end but the one that asks, or all of them`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        let requester = try await house.asks(alice)
        var others: [String] = []
        for _ in 0..<3 {
            house.clock.step(30)
            others.append(try await house.signIn(alice).session.id)
        }
        let desk = house.authority.sessionDesk
        let ended = try await desk.end(.others, by: requester, once: .unclaimed)
        #expect(Set(ended.value) == Set(others))
        #expect(try await desk.list(of: nil, by: requester).count == 1)
        let hal = try await house.requester("hal")
        let all = try await desk.end(.all(of: requester.identity.id), by: hal, once: .unclaimed)
        #expect(all.value == [alice.session.session.id])
        #expect(await refusal { try await house.asks(alice) } == .notSignedIn)
    }

    @Test func `are no longer listed when they have run out`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        let requester = try await house.asks(alice)
        house.clock.step(7_200)
        #expect(try await house.authority.sessionDesk.list(of: nil, by: requester).isEmpty)
    }

    @Test func `Z06 Z08 of others are as those that do not exist, and the attempt is recorded`() async throws
    {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        let bob = try await house.requester("bob")
        let desk = house.authority.sessionDesk
        for target in [
            SessionDesk.Target.one(alice.session.session.id), .one("5e55"),
            .all(of: alice.session.session.identity), .all(of: try IdentityID("nobody")),
        ] {
            #expect(await refusal { try await desk.end(target, by: bob, once: .unclaimed) } == .notFound)
            let event = try #require(await house.store.events.last)
            #expect(event.action == .sessionRevoked && event.refusal == .notFound)
        }
        #expect(
            await refusal { try await desk.list(of: alice.session.session.identity, by: bob) }
                == .adminRequired)
        _ = try await house.asks(alice)
    }
}

extension TestHouse {
    /// The person in the session of their first device, as the door would prove them.
    func asks(_ person: TestPerson) async throws -> Requester {
        try await authority.sessions.authenticate(
            tokenHash: TokenHash.of(person.session.token.withExposed { $0 }), key: person.key.publicKey,
            source: TestHouse.source, requestID: "request-2")
    }
}
