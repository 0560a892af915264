import Authority
import AuthorityAPI
import Crypto
import CryptoExtras
import Names
import SSHFormats
import Synchronization

@testable import SignIn

/// A provider that answers what a test wants, and counts what it was asked.
final class PlayedProvider: ProviderTransport {
    static let issuer = "https://id.example.com/realms/staff"

    struct State {
        var metadata: [String: JSONValue] = PlayedProvider.metadata
        var keys: [JSONValue] = []
        /// Its documents cannot be had.
        var isDown = false
        var tokens: ProviderAnswer?
        var userinfo: ProviderAnswer? = .json(
            .map(["sub": .string("1"), "groups": .array([.string("web")])]))
        var asked: [String] = []
        var forms: [String] = []
        var basics: [String] = []
    }

    let state = Mutex(State())
    let p256 = P256.Signing.PrivateKey()
    let ed25519 = Curve25519.Signing.PrivateKey()

    init() { state.withLock { $0.keys = [p256JWK(), ed25519JWK()] } }

    static var metadata: [String: JSONValue] {
        [
            "issuer": .string(issuer), "authorization_endpoint": .string(issuer + "/auth"),
            "token_endpoint": .string(issuer + "/token"), "jwks_uri": .string(issuer + "/keys"),
            "userinfo_endpoint": .string(issuer + "/userinfo"),
            "id_token_signing_alg_values_supported": .array(["RS256", "ES256", "EdDSA"].map { .string($0) }),
            "code_challenge_methods_supported": .array([.string("S256")]),
            "authorization_response_iss_parameter_supported": .bool(true),
        ]
    }

    func get(_ url: ProviderURL, bearer: Secret<String>?) async throws(ProviderFault) -> ProviderAnswer {
        let answer = state.withLock { state -> ProviderAnswer? in
            state.asked.append(url.text)
            guard !state.isDown else { return nil }
            switch url.text {
            case Self.issuer + "/.well-known/openid-configuration": return .json(.map(state.metadata))
            case Self.issuer + "/keys": return .json(.map(["keys": .array(state.keys)]))
            case Self.issuer + "/userinfo": return state.userinfo
            default: return ProviderAnswer(status: 404, body: [])
            }
        }
        guard let answer else { throw .unavailable(reason: "down") }
        return answer
    }

    func post(
        _ url: ProviderURL, form: Secret<String>, basic: Secret<String>?
    ) async throws(ProviderFault) -> ProviderAnswer {
        let answer = state.withLock { state -> ProviderAnswer? in
            state.asked.append(url.text)
            state.forms.append(form.withExposed { $0 })
            basic?.withExposed { state.basics.append($0) }
            return state.tokens
        }
        guard let answer else { throw .unavailable(reason: "down") }
        return answer
    }

    func asked(_ path: String) -> Int {
        state.withLock { $0.asked.filter { $0 == Self.issuer + path }.count }
    }

    func p256JWK(id: String? = "ec") -> JSONValue {
        let point = Array(p256.publicKey.x963Representation)
        return .map([
            "kty": .string("EC"), "crv": .string("P-256"), "kid": id.map { .string($0) },
            "x": .string(Base64URL.text(Array(point[1..<33]))),
            "y": .string(Base64URL.text(Array(point[33...]))),
        ])
    }

    func ed25519JWK(id: String? = "ed") -> JSONValue {
        .map([
            "kty": .string("OKP"), "crv": .string("Ed25519"), "kid": id.map { .string($0) },
            "x": .string(Base64URL.text(Array(ed25519.publicKey.rawRepresentation))),
        ])
    }

    /// A token of these claims; ``forged(_:_:)`` for any signature.
    func token(_ claims: [String: JSONValue], header: [String: JSONValue?] = [:]) throws -> String {
        let header: [String: JSONValue?] = ["alg": .string("ES256"), "kid": .string("ec")]
            .merging(header) { $1 }
        return try Self.forged(header, claims) {
            Array(try p256.signature(for: $0).rawRepresentation)
        }
    }

    static func forged(
        _ header: [String: JSONValue?], _ claims: [String: JSONValue], sign: ([UInt8]) throws -> [UInt8]
    ) rethrows -> String {
        let parts = [JSONValue.map(header), .map(claims)].map { Base64URL.text(APICoding.encode($0)) }
        let signed = parts.joined(separator: ".")
        return signed + "." + Base64URL.text(try sign(Array(signed.utf8)))
    }

    /// What an honest provider says of alice at ``Played/now``.
    static func claims(nonce: String, _ changes: [String: JSONValue?] = [:]) -> [String: JSONValue] {
        let now = Played.now.seconds
        let all: [String: JSONValue?] = [
            "iss": .string(issuer), "sub": .string("1"), "aud": .string("keyreeve"),
            "exp": .number("\(now + 300)"), "iat": .number("\(now)"), "nonce": .string(nonce),
            "auth_time": .number("0"), "groups": .array([.string("web"), .string("Not A Name")]),
        ]
        return all.merging(changes) { $1 }.compactMapValues(\.self)
    }
}

extension JSONValue {
    static func map(_ members: [String: JSONValue?]) -> JSONValue {
        .object(
            members.compactMapValues(\.self).sorted { $0.key < $1.key }.map {
                Field(key: $0.key, value: $0.value)
            })
    }
}

extension ProviderAnswer {
    static func json(_ value: JSONValue, status: Int = 200) -> ProviderAnswer {
        ProviderAnswer(status: status, body: APICoding.encode(value))
    }
}

/// A sign-in at a played provider, with a clock that tests move.
struct Played {
    static let now = UnixTime(1_800_000_000)
    static let redirect = "http://127.0.0.1:7001/callback/corp"

    let provider = PlayedProvider()
    let clock = MovedClock(ContinuousClock.now)

    func signIn(_ change: (inout ProviderSettings) -> Void = { _ in }) throws -> Provider {
        var settings = ProviderSettings(
            name: try Name("example"), issuer: try ProviderURL(PlayedProvider.issuer), clientID: "keyreeve",
            clientSecret: Secret("s3cret:%"))
        settings.rules.groupsClaim = "groups"
        change(&settings)
        let clock = clock
        return Provider(
            settings, transport: provider,
            world: World(
                now: { Played.now },
                random: { count in (0..<count).map { _ in UInt8.random(in: 0...255) } }),
            clock: { clock.value })
    }

    /// Begins, lets the provider answer with this token, and finishes.
    func finish(
        _ signIn: Provider, answer: [String: JSONValue?] = [:], token: (CodeAttempt) throws -> String
    ) async throws -> Vouched {
        let (_, attempt) = try await signIn.begin(redirect: Played.redirect)
        let reply: [String: JSONValue?] = [
            "access_token": .string("opaque"), "token_type": .string("bearer"),
            "id_token": .string(try token(attempt)),
        ]
        provider.state.withLock { $0.tokens = .json(.map(reply.merging(answer) { $1 })) }
        return try await signIn.finish(attempt, with: .good(attempt))
    }
}

extension CodeAnswer {
    static func good(_ attempt: CodeAttempt) -> CodeAnswer {
        CodeAnswer(state: attempt.state, code: "code", issuer: PlayedProvider.issuer, error: nil)
    }
}

/// A clock that stands until a test moves it.
final class MovedClock: Sendable {
    private let held: Mutex<ContinuousClock.Instant>
    init(_ value: ContinuousClock.Instant) { held = Mutex(value) }
    var value: ContinuousClock.Instant { held.withLock { $0 } }
    func advance(by duration: Duration) { held.withLock { $0 += duration } }
}
