import Authority
import AuthorityAPI
import Names
import SSHFormats
import Synchronization
import Testing

@testable import SignIn

@Suite struct `A sign-in at a provider` {
    let played = Played()

    private func honest(_ attempt: CodeAttempt) throws -> String {
        try played.provider.token(PlayedProvider.claims(nonce: attempt.nonce))
    }

    @Test func `begins with PKCE by S256, a state and a nonce`() async throws {
        let (url, attempt) = try await played.signIn { $0.scopes = ["groups"] }
            .begin(redirect: Played.redirect)
        #expect(
            url == PlayedProvider.issuer
                + "/auth?response_type=code&client_id=keyreeve&redirect_uri=http%3A%2F%2F127.0.0.1%3A7001%2Fcallback%2Fcorp"
                + "&scope=openid%20groups&state=\(attempt.state)&nonce=\(attempt.nonce)"
                + "&code_challenge=\(attempt.challenge)&code_challenge_method=S256")
        #expect(CodeAttempt(attempt.encoded()) == attempt)
        #expect(CodeAttempt(attempt.encoded() + [0]) == nil)
    }

    @Test func `derives the challenge as RFC 7636 does`() throws {
        var writer = WireWriter()
        writer.uint64(0)
        for text in ["example", "s", "n", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "r"] {
            writer.string(text)
        }
        let attempt = try #require(CodeAttempt(writer.bytes))
        #expect(attempt.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    @Test func `shows the verifier and proves itself to the token endpoint alone`() async throws {
        _ = try await played.finish(try played.signIn()) { try honest($0) }
        let (forms, basics) = played.provider.state.withLock { ($0.forms, $0.basics) }
        #expect(forms.count == 1 && forms[0].contains("&code_verifier=") && !forms[0].contains("cret"))
        #expect(basics == ["a2V5cmVldmU6czNjcmV0JTNBJTI1"])
    }

    @Test func `shows its secret in the body where a provider wants that`() async throws {
        played.provider.state.withLock {
            $0.metadata["token_endpoint_auth_methods_supported"] = .array([.string("client_secret_post")])
        }
        _ = try await played.finish(try played.signIn()) { try honest($0) }
        let (forms, basics) = played.provider.state.withLock { ($0.forms, $0.basics) }
        #expect(basics.isEmpty && forms[0].hasSuffix("&client_id=keyreeve&client_secret=s3cret%3A%25"))
    }

    @Test func `is refused with a foreign, used or missing state, or in another browser (J07)`() async throws
    {
        let signIn = try played.signIn()
        let (_, attempt) = try await signIn.begin(redirect: Played.redirect)
        let (_, other) = try await signIn.begin(redirect: Played.redirect)
        for state in [nil, "", other.state, attempt.state + "="] {
            await #expect(throws: ProviderFault.untrusted(reason: "an answer to another sign-in")) {
                _ = try await signIn.finish(
                    attempt,
                    with: CodeAnswer(state: state, code: "c", issuer: PlayedProvider.issuer, error: nil))
            }
        }
        #expect(played.provider.asked("/token") == 0)
    }

    @Test func `is refused with the answer of another provider (J04)`() async throws {
        let signIn = try played.signIn()
        let (_, attempt) = try await signIn.begin(redirect: Played.redirect)
        for issuer in [nil, "", "https://evil.example", PlayedProvider.issuer + "/"] {
            await #expect(throws: ProviderFault.untrusted(reason: "an answer of another issuer")) {
                _ = try await signIn.finish(
                    attempt, with: CodeAnswer(state: attempt.state, code: "c", issuer: issuer, error: nil))
            }
        }
        let elsewhere = Provider(
            ProviderSettings(
                name: try Name("other"), issuer: try ProviderURL(PlayedProvider.issuer), clientID: "keyreeve",
                clientSecret: nil), transport: played.provider, world: signIn.world)
        await #expect(throws: ProviderFault.untrusted(reason: "an answer to nothing that was asked")) {
            _ = try await elsewhere.finish(attempt, with: .good(attempt))
        }
        #expect(played.provider.asked("/token") == 0)
    }

    @Test func `is refused with a code that the provider does not take, used or another's (J04, J05)`()
        async throws
    {
        let signIn = try played.signIn()
        for status in [400, 403] {
            let (_, attempt) = try await signIn.begin(redirect: Played.redirect)
            played.provider.state.withLock {
                $0.tokens = .json(.map(["error": .string("invalid_grant")]), status: status)
            }
            await #expect(throws: ProviderFault.denied(.invalidGrant)) {
                _ = try await signIn.finish(attempt, with: .good(attempt))
            }
        }
    }

    @Test func `is refused with an error beside a code or beside tokens (A11)`() async throws {
        let signIn = try played.signIn()
        let (_, attempt) = try await signIn.begin(redirect: Played.redirect)
        await #expect(throws: ProviderFault.denied(.accessDenied)) {
            _ = try await signIn.finish(
                attempt,
                with: CodeAnswer(
                    state: attempt.state, code: "c", issuer: PlayedProvider.issuer, error: "access_denied"))
        }
        await #expect(throws: ProviderFault.denied(.other)) {
            _ = try await played.finish(signIn, answer: ["error": .string("<script>")]) { try honest($0) }
        }
        await #expect(throws: ProviderFault.untrusted(reason: "an answer without an ID token")) {
            _ = try await played.finish(signIn, answer: ["id_token": nil]) { try honest($0) }
        }
        await #expect(throws: ProviderFault.untrusted(reason: "an answer with tokens of another type")) {
            _ = try await played.finish(signIn, answer: ["token_type": .string("mac")]) { try honest($0) }
        }
    }

    @Test func `never repeats what a provider says of an error (J12)`() async throws {
        let signIn = try played.signIn()
        let (_, attempt) = try await signIn.begin(redirect: Played.redirect)
        do {
            _ = try await signIn.finish(
                attempt,
                with: CodeAnswer(state: attempt.state, code: nil, issuer: nil, error: "<script>alert(1)"))
            Issue.record("taken")
        } catch {
            #expect(error == .denied(.other) && !"\(error)".contains("<"))
        }
    }

    @Test(
        arguments: [
            ("issuer", JSONValue.string("https://id.example.com/realms/staff/")),
            ("issuer", .string("https://evil.example")), ("issuer", nil),
            ("token_endpoint", .string("http://id.example.com/token")),
            ("token_endpoint", .string("http://127.0.0.1/token")),
            ("jwks_uri", .string("file:///etc/passwd")),
            ("jwks_uri", .string("https://user@evil.example/keys")), ("authorization_endpoint", nil),
            ("code_challenge_methods_supported", .array([.string("plain")])),
            ("id_token_signing_alg_values_supported", .array([.string("none"), .string("HS256")])),
            ("response_types_supported", .array([.string("id_token")])),
        ] as [(String, JSONValue?)])
    func `does not begin at a provider that says of itself what may not be (J05)`(
        _ member: String, _ value: JSONValue?
    ) async throws {
        played.provider.state.withLock { $0.metadata[member] = value }
        await #expect(throws: ProviderFault.self) {
            _ = try await played.signIn().begin(redirect: Played.redirect)
        }
    }

    @Test func `begins at a provider that says little of itself`() async throws {
        played.provider.state.withLock {
            for member in [
                "code_challenge_methods_supported", "id_token_signing_alg_values_supported",
                "authorization_response_iss_parameter_supported", "userinfo_endpoint",
            ] { $0.metadata[member] = nil }
        }
        _ = try await played.signIn().begin(redirect: Played.redirect)
    }
}

@Suite struct `The keys of a provider` {
    let played = Played()

    private func finish(_ signIn: Provider) async throws {
        _ = try await played.finish(signIn) {
            try played.provider.token(PlayedProvider.claims(nonce: $0.nonce))
        }
    }

    @Test func `are kept while it is down, for as long as the configuration says (J09)`() async throws {
        let signIn = try played.signIn { $0.keysKept = 7_200 }
        try await finish(signIn)
        #expect(await signIn.keysTrouble == nil)
        played.provider.state.withLock { $0.isDown = true }
        for _ in 0..<2 {
            played.clock.advance(by: .seconds(3_599))
            try await finish(signIn)
            #expect(await signIn.keysTrouble == "example: unavailable: down")
        }
        // Once more for each minute at most, however many come.
        #expect(played.provider.asked("/keys") == 3)
        try await finish(signIn)
        #expect(played.provider.asked("/keys") == 3)
        played.clock.advance(by: .seconds(61))
        await #expect(throws: ProviderFault.unavailable(reason: "down")) { try await finish(signIn) }
        played.provider.state.withLock { $0.isDown = false }
        played.clock.advance(by: .seconds(61))
        try await finish(signIn)
        #expect(await signIn.keysTrouble == nil)
    }

    @Test func `that it took away stop counting when it comes back, however long it was down (J09)`()
        async throws
    {
        let signIn = try played.signIn()
        try await finish(signIn)
        played.provider.state.withLock {
            $0.isDown = true
            $0.keys = [played.provider.ed25519JWK()]
        }
        played.clock.advance(by: .seconds(3_600))
        try await finish(signIn)
        played.provider.state.withLock { $0.isDown = false }
        played.clock.advance(by: .seconds(61))
        await #expect(throws: ProviderFault.untrusted(reason: "a token with a bad signature")) {
            try await finish(signIn)
        }
    }

    @Test func `that it took away all at once are none (J09)`() async throws {
        let signIn = try played.signIn()
        try await finish(signIn)
        played.provider.state.withLock { $0.keys = [] }
        played.clock.advance(by: .seconds(181))
        await #expect(throws: ProviderFault.untrusted(reason: "a token with a bad signature")) {
            try await finish(signIn)
        }
    }

    @Test func `that it took away stop counting in five minutes (J09)`() async throws {
        let signIn = try played.signIn()
        try await finish(signIn)
        played.provider.state.withLock { $0.keys = [played.provider.ed25519JWK()] }
        try await finish(signIn)
        played.clock.advance(by: .seconds(241))
        await #expect(throws: ProviderFault.untrusted(reason: "a token with a bad signature")) {
            try await finish(signIn)
        }
    }

    @Test func `that are new count at once, asked for at most once a minute (J09)`() async throws {
        let both = played.provider.state.withLock { $0.keys }
        played.provider.state.withLock { $0.keys = [played.provider.ed25519JWK()] }
        let signIn = try played.signIn()
        await #expect(throws: ProviderFault.self) { try await finish(signIn) }
        played.provider.state.withLock { $0.keys = both }
        await #expect(throws: ProviderFault.self) { try await finish(signIn) }
        #expect(played.provider.asked("/keys") == 1)
        played.clock.advance(by: .seconds(61))
        try await finish(signIn)
        #expect(played.provider.asked("/keys") == 2)
    }

    @Test func `are not taken if they are weak, private, for something else or too many`() throws {
        let good = played.provider.p256JWK()
        let bad: [(String, JSONValue)] = [
            ("d", .string("AA")), ("use", .string("enc")), ("alg", .string("ES384")),
            ("crv", .string("P-384")),
            ("key_ops", .array([.string("sign")])), ("x", .string("AA")), ("kid", .number("1")),
        ]
        #expect(ProviderKey(good) != nil)
        for (member, value) in bad {
            guard case .object(let fields) = good else { return }
            let changed = JSONValue.object(
                fields.filter { $0.key != member } + [.init(key: member, value: value)])
            #expect(ProviderKey(changed) == nil, "\(member)")
        }
        let short = JSONValue.map([
            "kty": .string("RSA"), "e": .string("AQAB"),
            "n": .string(Base64URL.text([UInt8](repeating: 0xFF, count: 128))),
        ])
        #expect(ProviderKey(short) == nil)
        #expect(throws: ProviderFault.self) {
            try ProviderKeys(
                APICoding.encode(JSONValue.map(["keys": .array(Array(repeating: good, count: 65))])))
        }
    }
}

@Suite struct `What a provider gave out` {
    let played = Played()

    private func answer(_ reply: [String: JSONValue?], status: Int = 200) {
        let common: [String: JSONValue?] = ["token_type": .string("Bearer"), "access_token": .string("a")]
        played.provider.state.withLock {
            $0.tokens = .json(.map(common.merging(reply) { $1 }), status: status)
            $0.userinfo = .json(.map(["sub": .string("1"), "groups": .array([.string("web")])]))
        }
    }

    @Test func `says anew who is in which group, and is replaced where it is rotated`() async throws {
        let signIn = try played.signIn()
        answer(["refresh_token": .string("second")])
        let renewed = try await signIn.renew(.refresh(Secret("first")), subject: "1")
        let web = try Name("web")
        #expect(renewed.groups == [web])
        #expect(renewed.token?.bytes == [1] + Array("second".utf8))
        answer([:])
        let kept = try await signIn.renew(.refresh(Secret("first")), subject: "1")
        #expect(kept.token?.bytes == [1] + Array("first".utf8))
    }

    @Test func `is refused for somebody the provider no longer knows`() async throws {
        let signIn = try played.signIn()
        answer(["error": .string("invalid_grant")], status: 400)
        await #expect(throws: ProviderFault.denied(.invalidGrant)) {
            _ = try await signIn.renew(.refresh(Secret("first")), subject: "1")
        }
        played.provider.state.withLock { $0.userinfo = ProviderAnswer(status: 401, body: []) }
        await #expect(throws: ProviderFault.denied(.invalidToken)) {
            _ = try await signIn.renew(.access(Secret("first")), subject: "1")
        }
    }

    @Test(arguments: [
        ("server_error", 500), ("invalid_client", 401), ("slow", 429), ("temporarily_unavailable", 400),
    ])
    func `tells nothing where the provider or this client is at fault`(
        _ error: String, _ status: Int
    ) async throws {
        let signIn = try played.signIn()
        answer(["error": .string(error)], status: status)
        do {
            _ = try await signIn.renew(.refresh(Secret("first")), subject: "1")
            Issue.record("taken")
        } catch {
            if case .unavailable = error { return }
            Issue.record("\(error)")
        }
    }

    @Test func `is another's where it names another subject`() async throws {
        let signIn = try played.signIn()
        answer([
            "id_token": .string(
                try played.provider.token(PlayedProvider.claims(nonce: "n", ["sub": .string("2")])))
        ])
        await #expect(throws: ProviderFault.untrusted(reason: "another's ID token")) {
            _ = try await signIn.renew(.refresh(Secret("first")), subject: "1")
        }
    }
}

@Suite struct `A redirect to the client` {
    private func redirect(_ text: String) throws -> LoopbackRedirect? {
        LoopbackRedirect(text, of: try Name("corp"))
    }

    @Test(arguments: [
        "http://127.0.0.1:7001/callback/corp", "http://[::1]:65535/callback/corp",
        "http://127.0.0.1:1/callback/corp",
    ])
    func `varies in its port alone`(_ text: String) throws { #expect(try redirect(text)?.text == text) }

    @Test(arguments: [
        "http://127.0.0.1.evil:7001/callback/corp", "http://localhost:80@evil/callback/corp",
        "http://localhost:7001/callback/corp",
        "http://127.0.0.1:7001/callback/corp/", "http://127.0.0.1:7001/callback/corp?x=1",
        "http://127.0.0.1:7001/other",
        "http://127.0.0.1:7001/callback/corp#", "http://127.0.0.1:70010/callback/corp",
        "http://127.0.0.1:007001/callback/corp",
        "http://127.0.0.1:/callback/corp", "http://127.0.0.1/callback/corp",
        "https://127.0.0.1:7001/callback/corp",
        "http://127.0.0.1:7001@evil/callback/corp", "http://127.1:7001/callback/corp",
        "http://[::1]:0/callback/corp",
        "HTTP://127.0.0.1:7001/callback/corp", "http://127.0.0.1:7001/callback/corp\n",
        "http://127.0.0.1:7001\\@evil/callback/corp",
        "http://[::ffff:127.0.0.1]:7001/callback/corp", "", "http://127.0.0.1:7001/callback",
        "http://127.0.0.1:7001/callback/other", "http://127.0.0.1:7001/callback/corp2",
    ])
    func `is refused to anywhere else (J06)`(_ text: String) throws { #expect(try redirect(text) == nil) }
}

@Suite struct `The URL of a provider` {
    @Test(arguments: [
        "https://id.example.com", "https://id.example.com:8443/a/b?c=d", "http://127.0.0.1:5000",
        "http://[::1]/x",
        "http://localhost:1/", "https://[2001:db8::1]:443/",
    ])
    func `is https, or this machine's`(_ text: String) throws { #expect(try ProviderURL(text).text == text) }

    @Test(arguments: [
        "http://id.example.com", "http://127.0.0.1.evil", "http://localhost.evil/", "https://a@b/",
        "https://",
        "https:///x", "https://a b/", "https://a/#f", "https://a\\b/", "ftp://a/", "https://a:0/",
        "https://a:x/",
        "https://a:99999/", "https://a/\u{e9}", "file:///etc/passwd", "https://[::1", "",
        "http://127.0.0.1@evil/", "http://2130706433/",
    ])
    func `is nothing else`(_ text: String) { #expect(throws: ProviderFault.self) { try ProviderURL(text) } }
}
