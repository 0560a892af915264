import Authority
import Names
import SSHFormats
import Testing

@Suite struct `A storage engine keeps facts` {
    @Test(arguments: Engine.allCases) func `and refuses an identity that exists`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let alice = try Sample.person(login: "al")
        try await store.keep(.identityAdded(alice))
        #expect(await conflict { try await store.keep(.identityAdded(alice)) } == .conflict(.exists))
        #expect(try await store.identity(alice.id) == alice)
    }

    @Test(arguments: Engine.allCases) func `and refuses to change one that is missing`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        var alice = try Sample.person()
        #expect(await conflict { try await store.keep(.identityChanged(alice)) } == .conflict(.missing))
        try await store.keep(.identityAdded(alice))
        alice.status = .suspended
        alice.attributes.login = try Login("al")
        try await store.keep(.identityChanged(alice))
        #expect(try await store.identity(alice.id) == alice)
    }

    @Test(arguments: Engine.allCases) func `and nothing of an owner that is missing`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let host = try Sample.host("web1", owner: try Sample.person().id)
        #expect(await conflict { try await store.keep(.identityAdded(host)) } == .conflict(.missing))
        #expect(try await store.identity(host.id) == nil)
    }

    @Test(arguments: Engine.allCases) func `and lists names in their order, a page at a time`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        for name in ["carol", "alice", "bob", "a-b", "a.b"] {
            try await store.keep(.identityAdded(try Sample.person(name)))
        }
        let first = try await store.identities(.person, after: nil, limit: 3)
        #expect(first.map(\.id.name.text) == ["a-b", "a.b", "alice"])
        let rest = try await store.identities(.person, after: first.last?.id.name, limit: 3)
        #expect(rest.map(\.id.name.text) == ["bob", "carol"])
    }

    @Test(arguments: Engine.allCases) func `and a key belongs to who had it first`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let (alice, bob) = (try Sample.person("alice"), try Sample.person("bob"))
        let key = try Sample.key(1, of: alice.id)
        try await store.keep(.identityAdded(alice), .identityAdded(bob), .keyRegistered(key))
        try await store.keep(.keyRegistered(key))
        let stolen = try Sample.key(1, of: bob.id)
        #expect(await conflict { try await store.keep(.keyRegistered(stolen)) } == .conflict(.keyTaken))
        try await store.keep(.keyChanged(key.publicKey.fingerprint, .compromised))
        #expect(try await store.key(key.publicKey.fingerprint)?.state == .compromised)
        let unknown = try Sample.key(2, of: bob.id).publicKey.fingerprint
        #expect(
            await conflict { try await store.keep(.keyChanged(unknown, .suspended)) } == .conflict(.missing))
    }

    @Test(arguments: Engine.allCases) func `and tells the states of a key, each with its moment`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let alice = try Sample.person("alice")
        let key = try Sample.key(1, of: alice.id)
        let fingerprint = key.publicKey.fingerprint
        try await store.keep(.identityAdded(alice), .keyRegistered(key))
        let first = KeyStateChange(.active, since: key.createdAt)
        #expect(try await store.keyStates(of: fingerprint) == [first])
        // All in one second: the order is kept all the same.
        let later = key.createdAt.advanced(by: 60)
        let changes = [KeyState.suspended, .active, .compromised].map { KeyStateChange($0, since: later) }
        for change in changes {
            let event = Event(
                time: later, action: .keyChanged, actor: alice.id, requestID: "r", source: "192.0.2.1")
            _ = try await store.record(Entry([.keyChanged(fingerprint, change.state)], event: event))
        }
        #expect(try await store.keyStates(of: fingerprint) == [first] + changes)
        #expect(try await store.keyStates(of: try Sample.key(2, of: alice.id).publicKey.fingerprint) == [])
    }

    @Test(arguments: Engine.allCases) func `and finds hosts by all their names`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let alice = try Sample.person()
        var web1 = try Sample.host(
            "web1.example.com", owner: alice.id, aliases: ["web1", "www"], addresses: ["2001:db8::1"],
            labels: ["env=prod"])
        let web2 = try Sample.host("web2.example.com", owner: alice.id, aliases: ["web2", "www"])
        try await store.keep(.identityAdded(alice), .identityAdded(web1), .identityAdded(web2))
        for name in ["web1.example.com", "web1", "2001:db8::1"] {
            #expect(try await store.hosts(knownAs: name) == [web1])
        }
        #expect(try await store.hosts(knownAs: "www") == [web1, web2])
        #expect(try await store.hosts(knownAs: "alice") == [])
        web1.attributes.aliases = []
        try await store.keep(.identityChanged(web1))
        #expect(try await store.hosts(knownAs: "www") == [web2])
        #expect(try await store.hosts(knownAs: "web1") == [])
    }

    @Test(arguments: Engine.allCases) func `and a retired host gives its names up`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let alice = try Sample.person()
        var old = try Sample.host("old", owner: alice.id, addresses: ["192.0.2.7"])
        let new = try Sample.host("new", owner: alice.id, addresses: ["192.0.2.7"])
        old.status = .retired
        try await store.keep(.identityAdded(alice), .identityAdded(old))
        #expect(try await store.hosts(knownAs: "192.0.2.7") == [old])
        try await store.keep(.identityAdded(new))
        #expect(try await store.hosts(knownAs: "192.0.2.7") == [new])
        #expect(try await store.hosts(knownAs: "old") == [old])
    }

    @Test(arguments: Engine.allCases) func `and replaces a factor's secret`(_ engine: Engine) async throws {
        let store = try await engine.open()
        let alice = try Sample.person()
        try await store.keep(.identityAdded(alice), .factorSet(alice.id, .totp, sealed: [1]))
        try await store.keep(.factorSet(alice.id, .totp, sealed: [2, 0]))
        #expect(try await store.sealedSecret(of: alice.id, .totp) == [2, 0])
        #expect(try await store.sealedSecret(of: alice.id, .password) == nil)
    }

    @Test(arguments: Engine.allCases) func `and policies one after the other`(_ engine: Engine) async throws {
        let store = try await engine.open()
        func version(_ number: UInt64) -> PolicyVersion {
            PolicyVersion(version: number, text: "v\(number)", appliedBy: nil, appliedAt: Sample.noon)
        }
        #expect(try await store.currentPolicy() == nil)
        #expect(try await store.currentPolicyVersion() == 0)
        #expect(
            await conflict { try await store.keep(.policyApplied(version(2))) } == .conflict(.versionMoved))
        try await store.keep(.policyApplied(version(1)))
        try await store.keep(.policyApplied(version(2)))
        #expect(
            await conflict { try await store.keep(.policyApplied(version(2))) } == .conflict(.versionMoved))
        #expect(try await store.currentPolicyVersion() == 2)
        #expect(try await store.policyHistory(before: nil, limit: 5) == [version(2), version(1)])
        #expect(try await store.policyHistory(before: 2, limit: 5) == [version(1)])
        let third = PolicyVersion(
            version: 3, text: "v3", appliedBy: nil, appliedAt: Sample.noon, reason: "bob left; né à Brno")
        try await store.keep(.policyApplied(third))
        #expect(try await store.currentPolicy() == third)
    }

    @Test(arguments: Engine.allCases) func `all of an entry or nothing`(_ engine: Engine) async throws {
        let store = try await engine.open()
        let (alice, bob) = (try Sample.person("alice"), try Sample.person("bob"))
        try await store.keep(.identityAdded(alice))
        let entry = Entry(
            [.identityAdded(bob), .identityAdded(alice)], event: Sample.event(1), claim: Sample.claim(1),
            reply: [9])
        #expect(await conflict { try await store.record(entry) } == .conflict(.exists))
        #expect(try await store.identity(bob.id) == nil)
        #expect(try await store.treeSize() == 0)
        #expect(try await store.remembered(Sample.claim(1), at: Sample.noon) == nil)
    }
}
