import Authority
import Names
import SSHFormats
import Testing

@Suite struct `A storage engine decides on sign-in` {
    static let limits = AttemptLimits()

    static func attempt(_ source: String = "192.0.2.0/32", after seconds: Int64 = 0) -> Attempt {
        Attempt(account: "alice", factor: .password, source: source, at: Sample.noon.advanced(by: seconds))
    }

    @Test(arguments: Engine.allCases) func `and takes each TOTP step once of 100 at a time`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let alice = try Sample.person()
        try await store.keep(.identityAdded(alice))
        let taken = await counted(100) { _ in
            await conflict { try await store.keep(.totpStepTaken(alice.id, step: 7)) } == nil
        }
        #expect(taken == 1)
        for step in [UInt64(6), 7] {
            let entry = Entry([.totpStepTaken(alice.id, step: step)], event: nil)
            #expect(await conflict { try await store.record(entry) } == .conflict(.stepUsed))
        }
        try await store.keep(.totpStepTaken(alice.id, step: 8))
    }

    @Test(arguments: Engine.allCases) func `and takes steps of a new secret anew`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let alice = try Sample.person()
        try await store.keep(.identityAdded(alice))
        try await store.keep(.totpStepTaken(alice.id, step: 7))
        try await store.keep(.factorSet(alice.id, .password, sealed: [1]))
        let again = Entry([.totpStepTaken(alice.id, step: 7)], event: nil)
        #expect(await conflict { try await store.record(again) } == .conflict(.stepUsed))
        try await store.keep(.factorSet(alice.id, .totp, sealed: [2]), .totpStepTaken(alice.id, step: 7))
        #expect(await conflict { try await store.record(again) } == .conflict(.stepUsed))
    }

    @Test(arguments: Engine.allCases) func `and binds a link to the first key`(_ engine: Engine) async throws
    {
        let store = try await engine.open()
        let alice = try Sample.person()
        let link = Sample.link(1, for: alice.id)
        let (first, second) = (
            try Sample.privateKey(1).publicKey.fingerprint, try Sample.privateKey(2).publicKey.fingerprint
        )
        let (hash, noon) = (link.tokenHash, Sample.noon)
        try await store.keep(.identityAdded(alice), .linkMade(link))
        #expect(
            await used {
                try await store.keep(.linkRedeemed(tokenHash: hash, by: first, at: noon.advanced(by: 901)))
            })
        #expect(await used { try await store.keep(.linkCompleted(tokenHash: hash, by: first, at: noon)) })
        try await store.keep(.linkRedeemed(tokenHash: hash, by: first, at: noon.advanced(by: 900)))
        try await store.keep(.linkRedeemed(tokenHash: hash, by: first, at: noon))
        #expect(await used { try await store.keep(.linkRedeemed(tokenHash: hash, by: second, at: noon)) })
        #expect(await used { try await store.keep(.linkCompleted(tokenHash: hash, by: second, at: noon)) })
        try await store.keep(.linkCompleted(tokenHash: hash, by: first, at: noon))
        #expect(await used { try await store.keep(.linkCompleted(tokenHash: hash, by: first, at: noon)) })
        #expect(await used { try await store.keep(.linkRedeemed(tokenHash: hash, by: first, at: noon)) })
        #expect(try await store.link(tokenHash: hash)?.completedAt == noon)
    }

    @Test(arguments: Engine.allCases) func `and ends open links with a newer one and with one completed`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let (alice, bob) = (try Sample.person("alice"), try Sample.person("bob"))
        let key = try Sample.privateKey(1).publicKey.fingerprint
        try await store.keep(
            .identityAdded(alice), .identityAdded(bob), .linkMade(Sample.link(1, for: alice.id)),
            .linkMade(Sample.link(2, for: bob.id)))
        try await store.keep(.linkRedeemed(tokenHash: Sample.hash(1), by: key, at: Sample.noon))
        try await store.keep(.linkMade(Sample.link(3, for: alice.id)))
        #expect(
            await used {
                try await store.keep(.linkRedeemed(tokenHash: Sample.hash(1), by: key, at: Sample.noon))
            })
        #expect(
            await used {
                try await store.keep(.linkCompleted(tokenHash: Sample.hash(1), by: key, at: Sample.noon))
            })
        #expect(try await store.link(tokenHash: Sample.hash(1)) == nil)
        #expect(try await store.link(tokenHash: Sample.hash(2)) == Sample.link(2, for: bob.id))
        try await store.keep(.linkRedeemed(tokenHash: Sample.hash(3), by: key, at: Sample.noon))
        try await store.keep(.linkCompleted(tokenHash: Sample.hash(3), by: key, at: Sample.noon))
        try await store.keep(.linkMade(Sample.link(4, for: alice.id)))
        #expect(try await store.link(tokenHash: Sample.hash(3))?.completedAt == Sample.noon)
        #expect(try await store.link(tokenHash: Sample.hash(4)) != nil)
    }

    private func used(_ body: () async throws -> Receipt) async -> Bool {
        await conflict(body) == .conflict(.linkUsed)
    }

    @Test(arguments: Engine.allCases) func `and finds a session with its identity and device`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let alice = try Sample.person()
        let laptop = try Sample.device("laptop", of: alice.id)
        let session = try Sample.session("s1", of: alice.id, device: laptop.id)
        let bare = try Sample.session("s2", of: alice.id)
        try await store.keep(
            .identityAdded(alice), .identityAdded(laptop),
            .sessionStarted(session, tokenHash: Sample.hash(1)),
            .sessionStarted(bare, tokenHash: Sample.hash(2)))
        let found = SessionFound(session: session, identity: alice, device: laptop)
        #expect(try await store.session(tokenHash: Sample.hash(1)) == found)
        #expect(try await store.session(tokenHash: Sample.hash(2))?.device == nil)
        #expect(try await store.session(tokenHash: Sample.hash(3)) == nil)
        try await store.keep(.sessionUsed(id: "s1", at: Sample.noon.advanced(by: 60)))
        try await store.keep(.sessionUsed(id: "s1", at: Sample.noon.advanced(by: 30)))
        try await store.keep(.sessionEnded(id: "s1", at: Sample.noon.advanced(by: 90)))
        try await store.keep(.sessionEnded(id: "s1", at: Sample.noon.advanced(by: 99)))
        let ended = try await store.session(tokenHash: Sample.hash(1))?.session
        #expect(ended?.lastUsedAt == Sample.noon.advanced(by: 60))
        #expect(ended?.endedAt == Sample.noon.advanced(by: 90))
    }

    @Test(arguments: Engine.allCases) func `and ends the sessions of a person and of her devices`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let (alice, bob) = (try Sample.person("alice"), try Sample.person("bob"))
        let laptop = try Sample.device("laptop", of: alice.id)
        try await store.keep(
            .identityAdded(alice), .identityAdded(bob), .identityAdded(laptop),
            .sessionStarted(try Sample.session("a", of: alice.id), tokenHash: Sample.hash(1)),
            .sessionStarted(try Sample.session("d", of: laptop.id), tokenHash: Sample.hash(2)),
            .sessionStarted(try Sample.session("b", of: bob.id), tokenHash: Sample.hash(3)))
        try await store.keep(.sessionsEnded(of: alice.id, at: Sample.noon))
        for (number, ended) in [(UInt8(1), true), (2, true), (3, false)] {
            let found = try await store.session(tokenHash: Sample.hash(number))
            #expect((found?.session.endedAt != nil) == ended)
        }
    }

    @Test(arguments: Engine.allCases) func `and lets exactly 5 of 1,000 guesses through`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let reserved = await counted(1000) { _ in
            (try? await store.reserve(Self.attempt(), limits: Self.limits)) == .reserved
        }
        #expect(reserved == 5)
        let until = Sample.noon.advanced(by: 60)
        #expect(try await store.reserve(Self.attempt(), limits: Self.limits) == .locked(until: until))
    }

    @Test(arguments: Engine.allCases) func `and doubles the delay up to the longest`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let limits = AttemptLimits(perSource: 2, perDay: 33, firstDelay: 60, longestDelay: 200)
        for _ in 0..<2 { #expect(try await store.reserve(Self.attempt(), limits: limits) == .reserved) }
        var last: Int64 = 0
        for delay in [Int64(60), 120, 200, 200] {
            let until = Sample.noon.advanced(by: last + delay)
            let early = Self.attempt(after: last + delay - 1)
            #expect(try await store.reserve(early, limits: limits) == .locked(until: until))
            last += delay
            #expect(try await store.reserve(Self.attempt(after: last), limits: limits) == .reserved)
        }
    }

    @Test(arguments: Engine.allCases) func `and at most 33 a day from anywhere`(_ engine: Engine) async throws
    {
        let store = try await engine.open()
        let reserved = await counted(200) { number in
            (try? await store.reserve(Self.attempt("192.0.2.\(number)/32"), limits: Self.limits)) == .reserved
        }
        #expect(reserved == 33)
        let midnight = UnixTime((Sample.noon.seconds / 86_400 + 1) * 86_400)
        let next = Self.attempt("198.51.100.1/32")
        #expect(try await store.reserve(next, limits: Self.limits) == .locked(until: midnight))
        let totp = Attempt(account: "alice", factor: .totp, source: next.source, at: next.at)
        #expect(try await store.reserve(totp, limits: Self.limits) == .reserved)
        let tomorrow = Attempt(account: "alice", factor: .password, source: next.source, at: midnight)
        #expect(try await store.reserve(tomorrow, limits: Self.limits) == .reserved)
    }

    @Test(arguments: Engine.allCases) func `and a success clears the source, a release gives back one`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let attempt = Self.attempt()
        for _ in 0..<5 { #expect(try await store.reserve(attempt, limits: Self.limits) == .reserved) }
        try await store.settle(attempt, .released)
        #expect(try await store.reserve(attempt, limits: Self.limits) == .reserved)
        #expect(try await store.reserve(attempt, limits: Self.limits) != .reserved)
        try await store.settle(attempt, .succeeded)
        for _ in 0..<5 { #expect(try await store.reserve(attempt, limits: Self.limits) == .reserved) }
        #expect(try await store.reserve(attempt, limits: Self.limits) != .reserved)
    }

    @Test(arguments: Engine.allCases) func `and forgets a source after a day`(_ engine: Engine) async throws {
        let store = try await engine.open()
        for _ in 0..<5 { _ = try await store.reserve(Self.attempt(), limits: Self.limits) }
        let later = Self.attempt(after: 86_400)
        for _ in 0..<5 { #expect(try await store.reserve(later, limits: Self.limits) == .reserved) }
    }
}

/// How many of so many calls at once are true.
func counted(_ count: Int, _ body: @escaping @Sendable (Int) async -> Bool) async -> Int {
    await withTaskGroup(of: Bool.self) { group in
        for number in 0..<count { group.addTask { await body(number) } }
        return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
}
