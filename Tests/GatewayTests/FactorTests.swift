import Authority
import AuthorityAPI
import Names
import SSHFormats
import TestKit
import Testing

@testable import Gateway

@Suite struct `Factors by HTTP` {
    /// A door where alice has a session of these factors, shown so many seconds ago.
    private func door(_ factors: [Factor], ago: Int64 = 0) async throws -> (TestDoor, String) {
        let door = try await TestDoor()
        let shown = TestDoor.now.advanced(by: -ago)
        let session = Session(
            id: "0ther", identity: IdentityID(.person, try Name("alice")), device: nil,
            factors: Dictionary(factors.map { ($0, shown) }) { first, _ in first },
            boundTo: door.key.publicKey.fingerprint, source: "192.0.2.1", startedAt: shown,
            lastUsedAt: TestDoor.now)
        let started = Fact.sessionStarted(session, tokenHash: TokenHash.of("other-token"))
        _ = try await door.store.record(Entry([started], event: nil))
        return (door, "other-token")
    }

    private func send(_ request: TestRequest, _ token: String, _ door: TestDoor) async throws -> Reply {
        var request = request
        request.token = token
        request.proof = try request.proof(by: door.key, token: token)
        return try await door.send(request)
    }

    @Test func `that are too old are named in the refusal, and can be shown again`() async throws {
        let (door, token) = try await door([.password, .totp], ago: 1_000)
        let status = TestRequest(.identityStatus, #"{"identity":"bob","status":"retired"}"#)
        let refused = try await send(status, token, door)
        #expect(refused.status == 403)
        let problem = try refused.message(Problem.self)
        #expect(problem.code == "factor-too-old" && problem.factors == ["totp"])
        let begun = try await send(TestRequest(.stepUp, #"{"factors":["totp"]}"#), token, door)
        let reply = try begun.message(SignInReply.self)
        #expect(reply.steps.map(\.name) == ["totp"] && reply.session == nil)
        let state = try #require(reply.conversation)
        for (answers, code) in [
            (#"{"totp":"000000x"}"#, "sign-in-failed"), (#"{"password":"x"}"#, "bad-request"),
            (#"{"totp":"0","pin":"1"}"#, "bad-request"),
        ] {
            let answer = TestRequest(.stepUpAnswer, #"{"conversation":"\#(state)","answers":\#(answers)}"#)
            #expect(try await send(answer, token, door).code == code)
        }
        for factors in ["[]", #"["recovery"]"#, #"["face"]"#, #"["totp","totp"]"#] {
            let start = TestRequest(.stepUp, #"{"factors":\#(factors)}"#)
            #expect(try await send(start, token, door).code == "bad-request")
        }
    }

    @Test(arguments: [[Factor.password], [.password, .recovery]])
    func `A08 of a limited session open what sets up a second one, and nothing else`(
        _ factors: [Factor]
    ) async throws {
        let (door, token) = try await door(factors)
        for route in Route.allCases where route.access == .session && !route.takesLimitedSession {
            let reply = try await send(TestRequest(route), token, door)
            #expect(reply.status == 403 && reply.code == "session-limited", "\(route)")
        }
        let whoami = try await send(TestRequest(.session), token, door).message(WhoAmI.self)
        #expect(whoami.limited == true)
        let begun = try await send(TestRequest(.totp), token, door)
        #expect(begun.code == "factor-required", "a code is none that sets up another")
        #expect(try await send(TestRequest(.signOut), token, door).status == 200)
    }

    @Test func `may be a recovery code where the app's code is asked for`() async throws {
        let door = try await TestDoor()
        var request = TestRequest(.signIn, #"{"name":"nobody"}"#)
        request.proof = try request.proof(by: door.key, token: nil)
        let reply = try await door.send(request).message(SignInReply.self)
        #expect(reply.steps.map(\.name) == ["password", "totp"])
        #expect(reply.steps.map(\.instead) == [nil, "recovery"])
        let state = try #require(reply.conversation)
        for (answers, code) in [
            (#"{"password":"x","recovery":"y"}"#, "sign-in-failed"), (#"{"recovery":"y"}"#, "bad-request"),
            (#"{"password":"x","totp":"1","recovery":"y"}"#, "bad-request"),
        ] {
            var answer = TestRequest(
                .signInAnswer, #"{"conversation":"\#(state)","answers":\#(answers)}"#)
            answer.proof = try answer.proof(by: door.key, token: nil)
            #expect(try await door.send(answer).code == code)
        }
    }
}

@Suite struct `What is not the caller's, by HTTP` {
    @Test func `Z06 is not found, whether it exists or not`() async throws {
        let door = try await TestDoor()
        // alice is an admin there; bob has no role.
        let bob = Identity(
            id: IdentityID(.person, try Name("bob")), owner: nil, createdAt: TestDoor.now)
        let session = Session(
            id: "b0b", identity: bob.id, device: nil,
            factors: [.password: TestDoor.now, .totp: TestDoor.now],
            boundTo: door.key.publicKey.fingerprint, source: "192.0.2.1", startedAt: TestDoor.now,
            lastUsedAt: TestDoor.now)
        _ = try await door.store.record(
            Entry(
                [.identityAdded(bob), .sessionStarted(session, tokenHash: TokenHash.of("bobs"))], event: nil))
        let held = door.hostKey.publicKey.fingerprint.description.replacing("+", with: "%2B")
        let absent = try PrivateKey.generate(.ed25519).publicKey.fingerprint.description
            .replacing("+", with: "%2B")
        for request in [
            TestRequest(.keys, query: "?key=\(held)"), TestRequest(.keys, query: "?key=\(absent)"),
            TestRequest(.devices, query: "?device=device:alice.laptop"),
            TestRequest(.deviceStatus, #"{"device":"device:alice.laptop","act":"lost"}"#),
            TestRequest(.sessionsEnd, #"{"session":"5e55"}"#), TestRequest(.sessionsEnd, #"{"session":"x"}"#),
            TestRequest(.sessionsEnd, #"{"of":"alice"}"#),
            TestRequest(.revocations, #"{"serial":1,"reason":"x"}"#),
            TestRequest(.revocations, #"{"identity":"alice","reason":"x"}"#),
        ] {
            let before = await door.store.events.count
            var request = request
            request.token = "bobs"
            request.proof = try request.proof(by: door.key, token: "bobs")
            let reply = try await door.send(request)
            #expect(reply.status == 404 && reply.code == "not-found", "\(request.path)")
            let events = await door.store.events.dropFirst(before)
            #expect(events.map(\.refusal) == [.notFound], "\(request.path)")
            #expect(events.map(\.actor) == [bob.id])
        }
    }
}
