import Authority
import AuthorityAPI
import Crypto
import CryptoExtras
import Names
import Synchronization
import Testing

@testable import SignIn

@Suite struct `An ID token` {
    let played = Played()

    private func refused(
        _ reason: String, _ comment: Comment? = nil, _ token: (CodeAttempt) throws -> String
    ) async throws {
        let signIn = try played.signIn()
        await #expect(throws: ProviderFault.untrusted(reason: reason), comment) {
            _ = try await played.finish(signIn, token: token)
        }
    }

    @Test func `proves the subject and its groups`() async throws {
        let vouched = try await played.finish(try played.signIn()) {
            try played.provider.token(PlayedProvider.claims(nonce: $0.nonce))
        }
        #expect(vouched.subject == "1")
        let web = try Name("web")
        #expect(vouched.groups == [web])
    }

    @Test(
        arguments: [
            ["aud": JSONValue.array([.string("keyreeve")])],
            ["aud": .array([.string("keyreeve"), .string("other")]), "azp": .string("keyreeve")],
            ["auth_time": .number("1799999999.25"), "exp": .number("1800000300.5")],
            ["auth_time": nil, "groups": nil], ["email": .string("a@b.c"), "email_verified": .bool(false)],
        ] as [[String: JSONValue?]])
    func `is taken as providers write it`(_ changes: [String: JSONValue?]) async throws {
        _ = try await played.finish(try played.signIn()) {
            try played.provider.token(PlayedProvider.claims(nonce: $0.nonce, changes))
        }
    }

    @Test func `is taken of keys without id, use and algorithm`() async throws {
        played.provider.state.withLock {
            $0.keys = [played.provider.ed25519JWK(id: nil), played.provider.p256JWK(id: nil)]
        }
        let key = played.provider.ed25519
        _ = try await played.finish(try played.signIn()) {
            try PlayedProvider.forged(
                ["alg": .string("EdDSA"), "kid": .string("whatever")], PlayedProvider.claims(nonce: $0.nonce)
            ) { Array(try key.signature(for: $0)) }
        }
    }

    @Test func `is taken of an RSA key`() async throws {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let numbers = try key.publicKey.getKeyPrimitives()
        played.provider.state.withLock {
            $0.keys = [
                .map([
                    "kty": .string("RSA"), "n": .string(Base64URL.text(Array(numbers.modulus))),
                    "e": .string(Base64URL.text(Array(numbers.publicExponent))),
                ])
            ]
        }
        _ = try await played.finish(try played.signIn()) {
            try PlayedProvider.forged(["alg": .string("RS256")], PlayedProvider.claims(nonce: $0.nonce)) {
                Array(
                    try key.signature(for: SHA256.hash(data: $0), padding: .insecurePKCS1v1_5)
                        .rawRepresentation)
            }
        }
    }

    @Test(
        arguments: [
            (["iss": JSONValue.string("https://id.example.com/realms/other")], "a token of another issuer"),
            (["iss": .string(PlayedProvider.issuer + "/")], "a token of another issuer"),
            (["aud": .string("other")], "a token for another client"),
            (["aud": nil], "a token for another client"),
            (["aud": .array([])], "a token for another client"),
            (
                ["aud": .array([.string("keyreeve"), .string("other")])],
                "a token for several clients that names no party"
            ),
            (["azp": .string("other")], "a token made for another party"),
            (["exp": .number("1799999939")], "a token that has run out"),
            (["exp": nil], "a token that has run out"),
            (["exp": .number("18446744073709551615")], "a token that has run out"),
            (["iat": .number("1800000061")], "a token from the future, or without a time"),
            (["iat": nil], "a token from the future, or without a time"),
            (["iat": .number("1799999400")], "a token that was made long ago"),
            (["nbf": .number("1800000061")], "a token that does not count yet"),
            (["nonce": .string("another")], "a token that was not made for this sign-in"),
            (["nonce": nil], "a token that was not made for this sign-in"),
            (["sub": .string("")], "a token without a proper subject"),
            (["sub": .string("a\u{0}b")], "a token without a proper subject"),
            (["sub": .string(String(repeating: "s", count: 256))], "a token without a proper subject"),
            (["sub": .number("1")], "a token without a proper subject"),
            (["sub": nil], "a token without a proper subject"),
        ] as [([String: JSONValue?], String)])
    func `is refused with other claims`(_ changes: [String: JSONValue?], _ reason: String) async throws {
        try await refused(reason) {
            try played.provider.token(PlayedProvider.claims(nonce: $0.nonce, changes))
        }
    }

    @Test(arguments: ["none", "None", "HS256", "HS512", "RS1", "ES384", "PS256", "es256", ""])
    func `is refused with an algorithm that is not allowed (J01)`(_ algorithm: String) async throws {
        let secret = SymmetricKey(data: Array(played.provider.p256.publicKey.x963Representation))
        try await refused("a token of an algorithm that is not allowed") {
            PlayedProvider.forged(["alg": .string(algorithm)], PlayedProvider.claims(nonce: $0.nonce)) {
                algorithm.hasPrefix("HS")
                    ? Array(HMAC<SHA256>.authenticationCode(for: $0, using: secret)) : []
            }
        }
    }

    @Test func `is refused where the key is of another algorithm than it says (J01)`() async throws {
        let key = played.provider.p256
        for (algorithm, id) in [("EdDSA", "ec"), ("EdDSA", "ed"), ("RS256", "ec")] {
            try await refused("a token with a bad signature") {
                try PlayedProvider.forged(
                    ["alg": .string(algorithm), "kid": .string(id)], PlayedProvider.claims(nonce: $0.nonce)
                ) { Array(try key.signature(for: $0).rawRepresentation) }
            }
        }
    }

    @Test func `is refused without, or with a stranger's, or with a signature of zeros`() async throws {
        let stranger = P256.Signing.PrivateKey()
        let header: [String: JSONValue?] = ["alg": .string("ES256"), "kid": .string("ec")]
        let signatures: [@Sendable ([UInt8]) throws -> [UInt8]] = [
            { _ in [] }, { _ in [UInt8](repeating: 0, count: 64) },
            { Array(try stranger.signature(for: $0).rawRepresentation) },
            { Array(try stranger.signature(for: $0).derRepresentation) },
        ]
        for sign in signatures {
            try await refused("a token with a bad signature") {
                try PlayedProvider.forged(header, PlayedProvider.claims(nonce: $0.nonce), sign: sign)
            }
        }
    }

    @Test(arguments: [
        ("crit", JSONValue.array([.string("exp")]), "a token with critical members"),
        ("typ", .string("at+jwt"), "a token of another type"),
        ("typ", .string("logout+jwt"), "a token of another type"),
        ("kid", .number("1"), "a token whose key id is none"),
        ("kid", .string(String(repeating: "k", count: 40_000)), "a token whose key id is none"),
    ])
    func `is refused with a header that means something else`(
        _ member: String, _ value: JSONValue, _ reason: String
    ) async throws {
        try await refused(reason) {
            try played.provider.token(PlayedProvider.claims(nonce: $0.nonce), header: [member: value])
        }
    }

    @Test func `cannot bring its own key, nor name where to fetch one (J02)`() async throws {
        let own = P256.Signing.PrivateKey()
        let point = Array(own.publicKey.x963Representation)
        let jwk = JSONValue.map([
            "kty": .string("EC"), "crv": .string("P-256"), "x": .string(Base64URL.text(Array(point[1..<33]))),
            "y": .string(Base64URL.text(Array(point[33...]))),
        ])
        try await refused("a token with a bad signature") {
            try PlayedProvider.forged(
                [
                    "alg": .string("ES256"), "kid": .string("ec"), "jwk": jwk,
                    "jku": .string("https://evil.example/keys"), "x5u": .string("https://evil.example/x5"),
                ], PlayedProvider.claims(nonce: $0.nonce)
            ) { Array(try own.signature(for: $0).rawRepresentation) }
        }
        let asked = played.provider.state.withLock { $0.asked }
        #expect(asked.allSatisfy { $0.hasPrefix(PlayedProvider.issuer) })
    }

    @Test func `with 10,000 key ids that do not exist asks for keys twice at most (J02)`() async throws {
        let signIn = try played.signIn()
        let names = ["../../etc/passwd", "x' OR 1=1 --", "", "\u{1F511}"]
        for position in 0..<10_000 {
            let name = names[position % names.count] + "\(position)"
            await #expect(throws: ProviderFault.untrusted(reason: "a token with a bad signature")) {
                _ = try await played.finish(signIn) {
                    PlayedProvider.forged(
                        ["alg": .string("ES256"), "kid": .string(name)],
                        PlayedProvider.claims(nonce: $0.nonce)
                    ) { _ in [UInt8](repeating: 1, count: 64) }
                }
            }
        }
        #expect(played.provider.asked("/keys") == 1)
        #expect(played.provider.asked("/.well-known/openid-configuration") == 1)
    }

    @Test func `is refused as anything but three parts of strict JSON`() async throws {
        let signIn = try played.signIn()
        for text in [
            "", "a.b", "e30.e30.e30.e30", "e30.e30.", String(repeating: "A", count: 70_000), "null.e30.",
        ] {
            await #expect(throws: ProviderFault.self, "\(text.prefix(20))") {
                _ = try await played.finish(signIn) { _ in text }
            }
        }
    }
}
