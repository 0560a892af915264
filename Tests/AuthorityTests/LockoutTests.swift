import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `The lockout` {
    private func guesses(
        _ count: Int, at name: String, _ house: TestHouse, key: PrivateKey, source: String = "192.0.2.1"
    ) async -> Set<Refused?> {
        await withTaskGroup(of: Refused?.self) { group in
            for number in 0..<count {
                group.addTask {
                    await refused {
                        try await house.signIn(
                            name, password: "wrong guess \(number)", code: "00000\(number % 10)x", key: key,
                            source: source)
                    }
                }
            }
            return await group.reduce(into: []) { $0.insert($1) }
        }
    }

    @Test func `lets exactly 5 of 1,000 parallel guesses at the stored hash, for each source`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        #expect(await guesses(1_000, at: "alice", house, key: alice.key) == [Refused(.signInFailed)])
        #expect(house.hashing.counts.stored == 5)
        #expect(house.hashing.counts.dummy == 995)
        #expect(
            await guesses(100, at: "alice", house, key: alice.key, source: "192.0.2.2") == [
                Refused(.signInFailed)
            ])
        #expect(house.hashing.counts.stored == 10)
    }

    @Test func `refuses the right answer in the same words, and lets it in afterwards`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        _ = await guesses(5, at: "alice", house, key: alice.key)
        let before = house.hashing.counts
        #expect(await refused { try await house.signIn(alice) } == Refused(.signInFailed))
        #expect(house.hashing.counts.stored == before.stored)
        #expect(house.hashing.counts.dummy == before.dummy + 1)
        #expect(await house.store.events.last?.details["reason"] == .text("locked"))
        try await house.signIn(
            "alice", password: alice.password, code: alice.code(at: house.clock.now), key: alice.key,
            source: "198.51.100.7")
        house.clock.step(60)
        try await house.signIn(alice)
    }

    @Test func `lasts longer with each further failure`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        _ = await guesses(5, at: "alice", house, key: alice.key)
        for delay in [60, 120, 240] as [Int64] {
            house.clock.step(delay - 1)
            #expect(await refusal { try await house.signIn(alice) } == .signInFailed)
            #expect(await house.store.events.last?.details["reason"] == .text("locked"))
            house.clock.step(1)
            _ = await guesses(1, at: "alice", house, key: alice.key)
            #expect(await house.store.events.last?.details["reason"] == .text("wrong-password"))
        }
    }

    @Test func `A04 stops guesses of the code after 33 a day, from wherever they come`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        var reasons: [EventValue] = []
        for number in 0..<40 {
            _ = await refused {
                try await house.signIn(
                    "alice", password: alice.password, code: "guess", key: alice.key,
                    source: "198.51.100.\(number)")
            }
            reasons.append(try #require(await house.store.events.last?.details["reason"]))
        }
        #expect(reasons.prefix(33) == ArraySlice(repeating: .text("wrong-code"), count: 33))
        #expect(reasons.dropFirst(33) == ArraySlice(repeating: .text("locked"), count: 7))
        let told = try await house.authority.notices.about(try IdentityID("alice"))
        #expect(told.map(\.kind) == [.attemptsLocked])
        #expect(told.map(\.source) == ["198.51.100.39"])
        #expect(told.map(\.at) == [house.clock.now])
        house.clock.step(604_800)
        #expect(try await house.authority.notices.about(try IdentityID("alice")).isEmpty)
    }

    @Test func `of one factor leaves the other's count alone`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        for _ in 0..<20 {
            _ = await refused {
                try await house.signIn("alice", password: alice.password, code: "guess", key: alice.key)
            }
        }
        let account = "alice"
        let kept = await house.store.reservedAttempts.filter { $0.account == account }
        #expect(kept.count { $0.factor == .totp } == 5)
        #expect(kept.count { $0.factor == .password } == 0)
    }

    @Test func `of one factor is not filled by tries that the other's lock refused`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        for _ in 0..<20 {
            _ = await refused {
                try await house.signIn(
                    "alice", password: "wrong guess", code: alice.code(at: house.clock.now), key: alice.key)
            }
        }
        let kept = await house.store.reservedAttempts.filter { $0.account == "alice" }
        #expect(kept.count { $0.factor == .password } == 5)
        #expect(kept.count { $0.factor == .totp } == 0)
    }

    @Test func `counts an IPv6 network as one source`() async throws {
        let house = try await TestHouse()
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        for number in 0..<20 {
            _ = await refused {
                try await house.signIn(
                    "alice", password: "wrong guess", code: "guess", key: alice.key,
                    source: "2001:db8:1:2::\(number)")
            }
        }
        #expect(house.hashing.counts.stored == 5)
        _ = await guesses(1, at: "alice", house, key: alice.key, source: "2001:db8:1:3::1")
        #expect(house.hashing.counts.stored == 6)
    }

    @Test func `holds for names that do not exist, in a bounded table`() async throws {
        let house = try await TestHouse()
        let key = try TestHouse.key(9)
        for name in ["nobody", "Nobody", "nobody\n"] {
            for _ in 0..<7 {
                _ = await refused { try await house.signIn(name, password: "x", code: "guess", key: key) }
            }
        }
        #expect(house.hashing.counts.dummy == 21)
        let accounts = Set(await house.store.reservedAttempts.map(\.account))
        #expect(accounts.allSatisfy { $0.hasPrefix("?") })
        #expect(await house.store.reservedAttempts.filter { $0.factor == .password }.count <= 15)
    }
}
