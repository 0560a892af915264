import Authority
import AuthorityAPI
import Names
import SSHFormats
import Synchronization
import TestKit
import Testing

@testable import SignIn

/// A house whose provider `example` is played, and alice, whose account there is `1`.
struct BrowserHouse {
    static let browser = TokenHash.of("the browser")
    static let address = "198.51.100.7"

    let played: Played
    let house: TestHouse
    let key: PrivateKey

    init(_ change: @escaping (inout ProviderSettings) -> Void = { _ in }) async throws {
        let played = Played()
        self.played = played
        key = try TestHouse.key(77)
        house = try await TestHouse(
            ways: [.standard, try SignInWay("oidc:example"), try SignInWay("oidc:example+totp")],
            singleSignOn: { store, world, sealing in
                let provider = try played.signIn(change)
                let arrivals = UpstreamArrivals(store, world: world, sealing: sealing)
                let desk = BrowserSignInDesk(
                    store, providers: Providers([(provider, 900)]), arrivals: arrivals,
                    site: "https://ca.example.com")
                return ([OIDCParticipant(provider, arrivals: arrivals, browsers: desk)], desk)
            })
        try await house.add("alice")
        try await link("alice", subject: "1")
    }

    func link(_ person: String, subject: String) async throws {
        let account = UpstreamSubject(issuer: PlayedProvider.issuer, subject: subject)
        let link = UpstreamLink(account: account, person: try IdentityID(person), linkedAt: house.clock.now)
        _ = try await house.store.record(Entry([.upstreamLinked(link)], event: nil))
    }

    var desk: BrowserSignInDesk {
        get throws { try #require(house.authority.browserSignIns) }
    }

    /// What a terminal is told.
    struct Waiting {
        let state: String
        let id: String
        let code: String
    }

    /// A terminal asks for a browser elsewhere.
    func ask(
        _ name: String = "", with way: String = "oidc", source: String = Self.address
    ) async throws -> Waiting {
        let (first, ask) = try await house.authority.signIn.start(
            name: name, with: way, key: key.publicKey, source: source)
        #expect(ask.map(\.instead) == ["headless"])
        let reached = try await house.authority.signIn.answer(
            state: first, ["headless": "reeve on build7"], key: key.publicKey, source: source,
            requestID: "r", once: .unclaimed
        ).value
        guard case .more(let state, let steps) = reached, let step = steps.first, let url = step.url else {
            throw BadTurn()
        }
        let address = "https://ca.example.com/sign-in?request="
        #expect(steps.count == 1 && step.kind == .wait && step.seconds == 3 && url.hasPrefix(address))
        return Waiting(
            state: state, id: String(url.dropFirst(address.count)), code: step.code ?? "")
    }

    func poll(_ state: String, key: PrivateKey? = nil) async throws -> SignInConversation.Reached {
        house.clock.step(3)
        return try await pollAtOnce(state, key: key)
    }

    func pollAtOnce(_ state: String, key: PrivateKey? = nil) async throws -> SignInConversation.Reached {
        try await house.authority.signIn.answer(
            state: state, ["browser": ""], key: (key ?? self.key).publicKey, source: Self.address,
            requestID: "poll", once: .unclaimed
        ).value
    }

    func type(
        _ code: String, _ waiting: Waiting, browser: [UInt8] = Self.browser
    ) async throws -> BrowserSignInDesk.Typed {
        try await desk.type(code, for: waiting.id, browser: browser, source: "203.0.113.5", requestID: "r")
    }

    /// Types the code, and gives back the `state` and the `nonce` that the provider is sent.
    func sentAway(_ waiting: Waiting, browser: [UInt8] = Self.browser) async throws -> [String: String] {
        guard case .goOn(let url, _) = try await type(waiting.code, waiting, browser: browser) else {
            throw BadTurn()
        }
        let pairs = url.split(separator: "?").dropFirst().first?.split(separator: "&") ?? []
        return Dictionary(
            uniqueKeysWithValues: pairs.map {
                let sides = $0.split(separator: "=", maxSplits: 1)
                return (String(sides[0]), String(sides[1]))
            })
    }

    func take(
        state: String, error: String? = nil, browser: [UInt8] = Self.browser, of provider: String = "example"
    ) async throws -> BrowserSignInDesk.Returned {
        let answer = BrowserAnswer(
            state: state, code: error == nil ? "code" : nil, issuer: PlayedProvider.issuer, error: error)
        return try await desk.take(
            answer, of: try Name(provider), browser: browser, source: "203.0.113.5", requestID: "r")
    }

    /// All of it, by a provider that says this besides.
    func signIn(
        _ name: String = "", claims: [String: JSONValue?] = [:]
    ) async throws -> SignInConversation.Reached {
        let waiting = try await ask(name)
        let sent = try await sentAway(waiting)
        try says(claims, nonce: sent["nonce"] ?? "")
        guard case .approved = try await take(state: sent["state"] ?? "") else { throw BadTurn() }
        return try await poll(waiting.state)
    }

    /// What the provider's token endpoint answers.
    func says(_ claims: [String: JSONValue?] = [:], nonce: String) throws {
        let token = try played.provider.token(PlayedProvider.claims(nonce: nonce, claims))
        played.provider.state.withLock {
            $0.tokens = .json(
                .map([
                    "access_token": .string("opaque"), "token_type": .string("bearer"),
                    "id_token": .string(token), "refresh_token": .string("first"),
                ]))
        }
    }

    struct BadTurn: Error {}
}
