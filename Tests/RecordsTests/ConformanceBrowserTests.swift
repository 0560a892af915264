import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `A storage engine keeps sign-ins that wait for a browser` {
    private func signIn(
        _ id: String, from source: String = "192.0.2.9", at: Int64 = 0
    ) throws -> BrowserSignIn {
        BrowserSignIn(
            id: id, code: "BCDFGHJK", provider: try Name("corp"),
            key: try TestHouse.key(7).publicKey.fingerprint, source: source, client: "reeve on build7",
            askedAt: Sample.noon.advanced(by: at), notAfter: Sample.noon.advanced(by: at + 300))
    }

    @Test(arguments: Engine.allCases) func `as they are, and each change once`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        let first = try signIn("one")
        try await store.keep(.browserSignInAsked(first, most: 10))
        #expect(try await store.browserSignIn(id: "one") == first)
        #expect(try await store.browserSignIn(id: "two") == nil)
        var next = first
        next.turn = 1
        next.tries = 1
        next.browser = [1]
        next.state = [2]
        next.attempt = [3]
        try await store.keep(.browserSignInMoved(next))
        #expect(try await store.browserSignIn(id: "one") == next)
        #expect(try await store.browserSignIn(state: [2]) == next)
        #expect(try await store.browserSignIn(state: [3]) == nil)
        await #expect(throws: StoreError.conflict(.stepUsed)) {
            try await store.keep(.browserSignInMoved(next))
        }
        next.turn = 2
        next.attempt = nil
        next.decision = .approved
        next.arrival = [4]
        try await store.keep(.browserSignInMoved(next))
        #expect(try await store.browserSignIn(state: [2]) == next)
    }

    @Test(arguments: Engine.allCases) func `so many of one network, and an hour after their end no longer`(
        _ engine: Engine
    ) async throws {
        let store = try await engine.open()
        for id in ["one", "two"] { try await store.keep(.browserSignInAsked(try signIn(id), most: 2)) }
        let third = try signIn("three")
        await #expect(throws: StoreError.conflict(.tooMany)) {
            try await store.keep(.browserSignInAsked(third, most: 2))
        }
        try await store.keep(.browserSignInAsked(try signIn("four", from: "192.0.2.10"), most: 2))
        // Those that are over do not count.
        try await store.keep(.browserSignInAsked(try signIn("five", at: 300), most: 2))
        #expect(try await store.browserSignIn(id: "one") != nil)
        try await store.keep(.browserSignInAsked(try signIn("six", at: 3_901), most: 2))
        #expect(try await store.browserSignIn(id: "one") == nil)
    }
}
