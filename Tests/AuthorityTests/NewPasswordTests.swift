import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `A new password` {
    private static let new = "quite another sentence"

    private func set(
        _ house: TestHouse, _ requester: Requester, _ password: String = new,
        _ others: NewPassword.Others = .keep
    ) async throws -> [String] {
        try await house.authority.newPassword.set(
            Secret(Array(password.utf8)), others, by: requester, once: .unclaimed
        ).value
    }

    @Test func `takes the place of the former one, and ends other sessions if that is asked for`()
        async throws
    {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        let other = try await house.signIn(alice)
        let here = try await house.asks(alice)
        #expect(try await set(house, here).isEmpty)
        #expect(await house.store.sessions.allSatisfy { $0.endedAt == nil })
        house.clock.step(30)
        #expect(await refusal { try await house.signIn(alice) } == .signInFailed)
        #expect(try await set(house, here, "and one more sentence", .end) == [other.session.id])
        #expect(try await house.asks(alice).identity.id == here.identity.id, "this session goes on")
        house.clock.step(30)
        _ = try await house.signIn(
            "alice", password: "and one more sentence", code: alice.code(at: house.clock.now), key: alice.key)
        let told = try await house.authority.notices.about(here.identity.id).map(\.kind)
        #expect(told.contains(.passwordChanged))
        let events = await house.store.events.filter { $0.action == .factorSet }
        #expect(events.map(\.details["factor"]) == [.text("password"), .text("password")])
        #expect(events.last?.details["sessions"] == .list([other.session.id]))
    }

    @Test func `A08 asks for the former one and a second factor of the last 15 minutes`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        let here = try await house.asks(alice)
        var session = try #require(here.session)
        for (factors, due, code) in [
            ([Factor.totp], [Factor.password], Refusal.factorRequired),
            ([.password], [.totp], .factorRequired), ([.password, .recovery], [.totp], .factorRequired),
            ([.password, .sshkey], [], nil),
        ] as [([Factor], [Factor], Refusal?)] {
            session.factors = Dictionary(uniqueKeysWithValues: factors.map { ($0, house.clock.now) })
            let asking = Requester(
                identity: here.identity, session: session, device: nil, source: here.source, requestID: "r")
            let refused = await refused { try await set(house, asking) }
            #expect(refused?.refusal == code && (refused?.factors ?? []) == due, "\(factors)")
        }
        house.clock.step(901)
        let refused = await refused { try await set(house, try await house.asks(alice)) }
        #expect(refused?.refusal == .factorTooOld && refused?.factors == [.password, .totp])
    }

    @Test func `is none that is short, well-known or the name`() async throws {
        let house = try await TestHouse()
        let here = try await house.asks(try await house.enrol("alice", key: 1))
        for password in ["short", "correcthorsebatterystaple", "aaaaaaaaaaaaaaaa"] {
            #expect(await refusal { try await set(house, here, password) } == .weakPassword)
        }
    }

    @Test func `is as old as it is, and no longer well-known`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        let notice = Notice(.knownPassword, at: house.clock.now, source: "192.0.2.1")
        _ = try await house.store.record(Entry([.noticed(try IdentityID("alice"), notice)], event: nil))
        #expect(await house.store.oversight(at: house.clock.now).knownPasswords.count == 1)
        house.clock.step(60)
        _ = try await set(house, try await house.asks(alice))
        let facts = await house.store.oversight(at: house.clock.now)
        #expect(facts.knownPasswords.isEmpty)
        #expect(facts.factors[try IdentityID("alice")]?[.password] == .some(house.clock.now))
    }
}
