import AuthorityAPI
import SSHFormats
import Testing

@testable import Gateway

@Suite struct `The door` {
    @Test func `answers anybody what is public, with a request id of its own`() async throws {
        let door = try await TestDoor()
        var request = TestRequest(.authority)
        request.fields = [("Keyreeve-Request-Id", "mine"), ("X-Forwarded-For", "10.0.0.1")]
        let reply = try await door.send(request)
        #expect(reply.status == 200)
        #expect(try reply.message(AuthorityInfo.self).origin == "ca.example.com")
        #expect(reply.field("Keyreeve-Request-Id")?.count == 32)
        #expect(reply.field("Cache-Control") == "no-store")
        #expect(reply.field("Strict-Transport-Security") == "max-age=31536000")
        #expect(reply.field("X-Content-Type-Options") == "nosniff")
    }

    @Test func `knows who holds the token and the key`() async throws {
        let door = try await TestDoor()
        let reply = try await door.send(try TestRequest(.session).signed(by: door))
        #expect(reply.status == 200)
        let who = try reply.message(WhoAmI.self)
        #expect(who.identity == "alice")
        #expect(who.roles == ["admin", "auditor", "enroller", "helpdesk"])
    }

    @Test(arguments: Route.allCases.filter { $0.access != .anyone })
    func `lets nobody in without a proof`(_ route: Route) async throws {
        let reply = try await TestDoor().send(TestRequest(route, route.method == "POST" ? "{}" : ""))
        #expect(reply.status == 401)
        #expect(reply.code == "not-signed-in")
        #expect(reply.field("WWW-Authenticate") == #"DPoP error="invalid_token", algs="ES256""#)
        #expect(reply.field("Content-Type") == "application/problem+json")
    }

    @Test func `takes a stolen token for nothing`() async throws {
        let door = try await TestDoor()
        var request = TestRequest(.session)
        request.token = TestDoor.token
        #expect(try await door.send(request).code == "not-signed-in")
        request.proof = try request.proof(by: DPoPKey())
        #expect(try await door.send(request).code == "not-signed-in")
    }

    @Test func `takes each proof once`() async throws {
        let door = try await TestDoor()
        let request = try TestRequest(.session).signed(by: door)
        #expect(try await door.send(request).status == 200)
        let again = try await door.send(request)
        #expect(again.status == 401)
        #expect(again.code == "proof-invalid")
        #expect(try again.message(Problem.self).detail == "this proof was used before")
    }

    @Test func `takes no proof for another address, method, host or token, nor two of them`() async throws {
        let door = try await TestDoor()
        var request = TestRequest(.session)
        request.token = TestDoor.token
        let wrong = [
            try TestRequest(.policy).proof(by: door.key), try TestRequest(.signOut).proof(by: door.key),
            try request.proof(by: door.key, token: nil), try request.proof(by: door.key, token: "other"),
            try request.proof(by: door.key, now: TestDoor.now.advanced(by: -61)), "nonsense",
        ]
        for proof in wrong {
            request.proof = proof
            #expect(try await door.send(request).code == "proof-invalid")
        }
        request.proof = try request.proof(by: door.key)
        request.fields = [("DPoP", try request.proof(by: door.key))]
        #expect(try await door.send(request).code == "proof-invalid")
    }

    @Test func `says how wrong the clock is`() async throws {
        let door = try await TestDoor()
        var request = TestRequest(.session)
        request.token = TestDoor.token
        request.proof = try request.proof(by: door.key, now: TestDoor.now.advanced(by: 300))
        let reply = try await door.send(request)
        #expect(try reply.message(Problem.self).detail == "made 300 s in the future by this machine's clock")
    }

    @Test func `refuses more proofs than it can remember, and never forgets one`() async throws {
        let door = try await TestDoor { $0.mostProofs = 2 }
        let first = try TestRequest(.session).signed(by: door)
        for request in [first, try TestRequest(.session).signed(by: door)] {
            #expect(try await door.send(request).status == 200)
        }
        let full = try await door.send(try TestRequest(.session).signed(by: door))
        #expect(full.status == 503)
        #expect(full.field("Retry-After") == "2")
        #expect(try await door.send(first).code == "proof-invalid")
    }

    @Test func `knows a host by its registered key`() async throws {
        let door = try await TestDoor()
        var request = TestRequest(.hostCertificates, #"{"publicKeys":[]}"#)
        request.proof = try request.proof(by: door.hostKey, token: nil)
        #expect(try await door.send(request).code == "bad-request")
        request.proof = try request.proof(by: door.key, token: nil)
        #expect(try await door.send(request).code == "not-signed-in")
    }

    @Test(arguments: ["evil.example.com", "", "ca.example.com.evil", "127.0.0.1"])
    func `is called by its own name only`(_ host: String) async throws {
        var request = TestRequest(.livez)
        request.host = host
        let reply = try await TestDoor().send(request)
        #expect(reply.status == 421)
        #expect(reply.code == "wrong-host")
    }

    @Test(arguments: ["ca.example.com:7443", "CA.Example.Com", "[::1]:443", "[::1]"])
    func `takes any port and any case of its name`(_ host: String) async throws {
        var request = TestRequest(.livez)
        request.host = host
        #expect(try await TestDoor().send(request).status == 200)
    }

    @Test func `refuses a second Host field`() async throws {
        var request = TestRequest(.livez)
        request.fields = [("Host", "ca.example.com")]
        let reply = try await TestDoor().send(request)
        #expect(reply.status == 400)
        #expect(reply.code == "bad-request")
    }

    @Test func `refuses a request without a Host field`() async throws {
        var request = TestRequest(.livez)
        request.host = nil
        let reply = try await TestDoor().send(request)
        #expect(reply.status == 400)
        #expect(reply.code == "bad-request")
    }

    @Test func `P04 refuses lengths that it will not read`() async throws {
        let door = try await TestDoor()
        for length in ["65537", "9223372036854775807", "9223372036854775808", "18446744073709551615", "x"] {
            var request = TestRequest(.signIn)
            request.fields = [("Content-Length", length), ("Content-Type", "application/json")]
            request.proof = try request.proof(by: door.key, token: nil)
            let reply = try await door.send(request)
            #expect(reply.status == 413)
            #expect(reply.field("Connection") == "close")
        }
        var large = TestRequest(.signIn, "{\"name\":\"" + String(repeating: "a", count: 70_000) + "\"}")
        large.proof = try large.proof(by: door.key, token: nil)
        #expect(try await door.send(large).code == "body-too-large")
    }

    @Test func `reads a megabyte of policy, but only from those it knows`() async throws {
        let door = try await TestDoor()
        let text = #"{"text":""# + String(repeating: "#", count: 200_000) + #""}"#
        #expect(try await door.send(TestRequest(.policyApply, text)).status == 413)
        #expect(
            try await door.send(try TestRequest(.policyApply, text).signed(by: door)).code == "policy-invalid"
        )
    }

    @Test func `has no body with GET`() async throws {
        var request = TestRequest(.livez)
        request.body = [0x7b]
        #expect(try await TestDoor().send(request).status == 413)
    }

    @Test func `knows its addresses byte by byte`() async throws {
        let door = try await TestDoor()
        for path in [
            "/v1/Session", "/v1/session/", "/v1//session", "/v1/%73ession", "/../livez", "", "*",
            "/v1/session;a",
        ] {
            var request = TestRequest(.session)
            request.path = path
            #expect(try await door.send(request).status == 404)
        }
        var request = TestRequest(.session)
        request.method = "DELETE"
        let reply = try await door.send(request)
        #expect(reply.status == 405)
        #expect(reply.field("Allow") == "GET")
        request.method = "HEAD"
        #expect(try await door.send(request).body.isEmpty)
    }

    @Test(arguments: [
        "?x=1", "?kind=person&kind=host", "?kind", "?kind=%zz", "?after=%ff", "?limit=-1", "?=1",
    ])
    func `refuses queries that it does not understand whole`(_ query: String) async throws {
        let door = try await TestDoor()
        let request = try TestRequest(.identities, query: query).signed(by: door)
        #expect(try await door.send(request).code == "bad-request")
    }

    @Test func `lists identities a page at a time`() async throws {
        let door = try await TestDoor()
        let request = try TestRequest(.identities, query: "?kind=host&limit=1").signed(by: door)
        let list = try await door.send(request).message(IdentityListReply.self)
        #expect(list.identities.map(\.name) == ["web1"])
        #expect(list.more)
    }

    @Test func `says what is degraded and still is ready`() async throws {
        let reply = try await TestDoor().send(TestRequest(.readyz))
        #expect(reply.status == 200)
        #expect(
            reply.text
                == #"{"degraded":[{"effect":"works","name":"signer","reason":"shares our user"}],"ready":true}"#
        )
    }

    @Test func `X07 counts by routes of the table and nothing else`() async throws {
        let door = try await TestDoor()
        for number in 0..<50 {
            var request = TestRequest(.livez)
            request.path = "/unknown/\(number)"
            _ = try await door.send(request)
        }
        _ = try await door.send(TestRequest(.livez))
        let text = try await door.send(TestRequest(.metrics)).text
        #expect(text.contains(#"keyreeve_requests_total{route="unknown",status="4xx"} 50"#))
        #expect(text.contains(#"keyreeve_requests_total{route="GET /livez",status="2xx"} 1"#))
        #expect(text.contains(#"keyreeve_request_seconds_count{route="unknown"} 50"#))
        #expect(!text.contains("/unknown/"))
    }
}
