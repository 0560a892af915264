import Authority
import AuthorityAPI
import Names
import SSHFormats
import TestKit
import Testing

@testable import Gateway

extension TestDoor {
    /// A sign-in that waits for a browser.
    func waitingForBrowser(
        _ id: String = "WAITING", provider: String = "corp", from source: String = "203.0.113.9"
    ) async throws -> BrowserSignIn {
        let signIn = BrowserSignIn(
            id: id, code: "BCDFGHJK", provider: try Name(provider), key: hostKey.publicKey.fingerprint,
            source: source, client: "reeve on build7", askedAt: TestDoor.now.advanced(by: -14),
            notAfter: TestDoor.now.advanced(by: 286))
        _ = try await store.record(Entry([.browserSignInAsked(signIn, most: 100)], event: nil))
        return signIn
    }

    /// The cookie and the seal of the page that shows it.
    func opened(_ signIn: BrowserSignIn) async throws -> (cookie: String, seal: String) {
        let page = try await send(TestRequest(.browserPage, query: "?request=\(signIn.id)"))
        let cookie = page.field("Set-Cookie")?.prefix { $0 != ";" } ?? ""
        let seal = page.text.split(separator: "name=\"form\" value=\"").dropFirst().first?.prefix {
            $0 != "\""
        }
        return (String(cookie), String(seal ?? ""))
    }

    /// The form of that page.
    func typed(_ code: String, _ signIn: BrowserSignIn) async throws -> TestRequest {
        let (cookie, seal) = try await opened(signIn)
        var request = TestRequest(.browserCode)
        request.body = Array("request=\(signIn.id)&form=\(seal)&code=\(code)".utf8)
        request.fields = [
            ("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", cookie),
            ("Origin", "https://ca.example.com"), ("Sec-Fetch-Site", "same-origin"),
        ]
        return request
    }

    /// What the browser brings back from the provider, after the code was typed.
    func returning() async throws -> TestRequest {
        let request = try await typed("bcdf-ghjk", try await waitingForBrowser())
        _ = try await send(request)
        var back = TestRequest(
            .browserReturn, query: "?code=c&state=\(PlayedBrowserProviders.state)&session_state=x")
        back.fields = request.fields.filter { $0.0 == "Cookie" }
        return back
    }
}

@Suite struct `The pages of a sign-in by browser` {
    @Test func `show who asks, from where and since when, and begin nothing (J08)`() async throws {
        let door = try await TestDoor()
        let signIn = try await door.waitingForBrowser()
        let page = try await door.send(TestRequest(.browserPage, query: "?request=WAITING"))
        #expect(page.status == 200 && page.field("Content-Type") == "text/html; charset=utf-8")
        for text in [
            "203.0.113.9", "reeve on build7", "2027-01-15 07:59:46 UTC, 14 s ago", signIn.key.description,
            "192.0.2.1, another network",
        ] { #expect(page.text.contains(text), "\(text)") }
        #expect(!page.text.contains("BCDF") && !page.text.contains("<script"))
        let policy = page.field("Content-Security-Policy") ?? ""
        #expect(policy.hasPrefix("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"))
        #expect(page.field("X-Frame-Options") == "DENY" && page.field("Cache-Control") == "no-store")
        let cookie = page.field("Set-Cookie") ?? ""
        #expect(cookie.hasPrefix("__Host-keyreeve-sign-in="))
        #expect(cookie.hasSuffix("; Path=/; Max-Age=900; Secure; HttpOnly; SameSite=Lax"))
        #expect(try await door.store.browserSignIn(id: "WAITING") == signIn)
    }

    @Test func `take no code from an address (J08)`() async throws {
        let door = try await TestDoor()
        let signIn = try await door.waitingForBrowser()
        let reply = try await door.send(
            TestRequest(.browserPage, query: "?request=WAITING&code=BCDFGHJK"))
        #expect(reply.status == 400)
        #expect(try await door.store.browserSignIn(id: "WAITING") == signIn)
    }

    @Test func `take a code of their own form alone, of the same browser (J08)`() async throws {
        let door = try await TestDoor()
        let signIn = try await door.waitingForBrowser()
        let other = try await door.waitingForBrowser("OTHER")
        let (cookie, seal) = try await door.opened(other)
        for change: (inout TestRequest) -> Void in [
            { $0.fields.removeAll { $0.0 == "Cookie" } },
            { request in request.fields = request.fields.map { $0.0 == "Cookie" ? ("Cookie", cookie) : $0 } },
            { request in
                request.fields = request.fields.map {
                    $0.0 == "Origin" ? ("Origin", "https://evil.example") : $0
                }
            },
            { request in request.fields = request.fields.map { $0.0 == "Origin" ? ("Origin", "null") : $0 } },
            { request in
                request.fields = request.fields.map {
                    $0.0 == "Sec-Fetch-Site" ? ("Sec-Fetch-Site", "cross-site") : $0
                }
            },
            { $0.body = Array("request=WAITING&form=\(seal)&code=BCDFGHJK".utf8) },
            { $0.body = Array("request=WAITING&code=BCDFGHJK".utf8) },
            { request in request.fields.append(("Cookie", cookie)) },
        ] {
            var request = try await door.typed("BCDFGHJK", signIn)
            change(&request)
            let reply = try await door.send(request)
            #expect(reply.status == 403 && !reply.text.contains("id.example.com"))
        }
        #expect(try await door.store.browserSignIn(id: "WAITING") == signIn)
    }

    @Test func `lead to the provider and back, once (J07)`() async throws {
        let door = try await TestDoor()
        let back = try await door.returning()
        var foreign = back
        foreign.fields = []
        var missing = back
        missing.path = "/sign-in/callback/corp?code=c"
        for request in [foreign, missing] {
            let reply = try await door.send(request)
            #expect(reply.status == 403)
        }
        let first = try await door.send(back)
        #expect(first.status == 200 && first.text.contains("Signed in"))
        #expect(try await door.store.browserSignIn(id: "WAITING")?.decision == .approved)
        let second = try await door.send(back)
        #expect(second.status == 403)
    }

    @Test func `say nothing of what a provider says of an error (J12)`() async throws {
        let door = try await TestDoor()
        var back = try await door.returning()
        back.path =
            "/sign-in/callback/corp?error=x&error_description=%3Cscript%3Ealert(1)%3C/script%3E&state=the-state"
        let reply = try await door.send(back)
        #expect(reply.status == 403 && !reply.text.contains("script") && !reply.text.contains("alert"))
    }

    @Test func `go on by a page, and say how often a wrong code may still be typed`() async throws {
        let door = try await TestDoor()
        let signIn = try await door.waitingForBrowser()
        let wrong = try await door.send(try await door.typed("BBBB-BBBB", signIn))
        #expect(wrong.status == 200 && wrong.text.contains("typed 4 more times"))
        let right = try await door.send(try await door.typed("bcdf+ghjk", signIn))
        #expect(right.status == 200)
        #expect(
            right.text.contains("http-equiv=\"refresh\" content=\"0; url=https://id.example.com/authorize?"))
    }

    @Test func `are logged without what stands in their addresses`() async throws {
        let door = try await TestDoor()
        _ = try await door.send(try await door.returning())
        for secret in ["WAITING", "the-state", "BCDFGHJK", "bcdf-ghjk", "__Host"] {
            #expect(!door.lines.text.contains(secret), "\(secret)")
        }
    }
}
