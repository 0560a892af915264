import Authority
import AuthorityAPI
import Names
import SSHFormats
import Synchronization
import TestKit
import Testing

@testable import SignIn

@Suite struct `A sign-in by the browser of another machine` {
    @Test func `ends in a session of the key that began it (J08)`() async throws {
        let all = try await BrowserHouse()
        let waiting = try await all.ask()
        #expect(all.played.provider.asked("/.well-known/openid-configuration") == 0)
        let shown = try #require(try await all.desk.open(waiting.id))
        #expect(shown.source == BrowserHouse.address && shown.client == "reeve on build7")
        #expect(shown.askedAt == all.house.clock.now && shown.key == all.key.publicKey.fingerprint)
        guard case .more(let state, _) = try await all.poll(waiting.state) else {
            return #expect(Bool(false), "it does not wait")
        }
        let sent = try await all.sentAway(waiting)
        #expect(sent["redirect_uri"] == "https%3A%2F%2Fca.example.com%2Fsign-in%2Fcallback%2Fexample")
        try all.says(nonce: sent["nonce"] ?? "")
        guard case .approved = try await all.take(state: sent["state"] ?? "") else {
            return #expect(Bool(false), "it is not approved")
        }
        // Nobody but the key that began it has anything of that.
        let other = try TestHouse.key(78)
        #expect(try await refusal { try await all.poll(state, key: other) } == .conversationOver)
        guard case .done(let new) = try await all.poll(state) else {
            return #expect(Bool(false), "it still waits")
        }
        let alice = try IdentityID("alice")
        #expect(new.session.identity == alice && new.session.boundTo == all.key.publicKey.fingerprint)
        #expect(new.session.factors.keys.map(\.rawValue) == ["oidc"])
        let web = try Name("web")
        #expect(await all.house.store.identity(alice)?.groups == [web])
        #expect(try await refusal { try await all.poll(state) } == .signInFailed)
        #expect(try await all.desk.open(waiting.id) == nil)
        let story = await all.house.store.events.map(\.action)
        #expect(story.prefix(2) == [.signInApproved, .signedIn])
    }

    @Test func `takes no answer of another browser, no unknown, and none twice (J07)`() async throws {
        let all = try await BrowserHouse()
        let waiting = try await all.ask()
        let sent = try await all.sentAway(waiting)
        let state = sent["state"] ?? ""
        try all.says(nonce: sent["nonce"] ?? "")
        for (state, browser) in [
            (state, TokenHash.of("another browser")), (state, []), (state + "=", BrowserHouse.browser),
            ("", BrowserHouse.browser),
        ] {
            guard case .foreign = try await all.take(state: state, browser: browser) else {
                return #expect(Bool(false), "taken: \(state)")
            }
        }
        // At the address of another provider, which would be sent the code of this one (mix-up, J04).
        guard case .foreign = try await all.take(state: state, of: "other") else {
            return #expect(Bool(false), "taken of another provider")
        }
        #expect(all.played.provider.asked("/token") == 0)
        guard case .approved = try await all.take(state: state) else {
            return #expect(Bool(false), "those who tried have spoiled it")
        }
        guard case .foreign = try await all.take(state: state) else {
            return #expect(Bool(false), "taken twice")
        }
        #expect(all.played.provider.asked("/token") == 1)
    }

    @Test func `goes on in the browser that showed the code last (J07)`() async throws {
        let all = try await BrowserHouse()
        let waiting = try await all.ask()
        let first = try await all.sentAway(waiting)
        let second = try await all.sentAway(waiting, browser: TokenHash.of("another browser"))
        guard case .foreign = try await all.take(state: first["state"] ?? "") else {
            return #expect(Bool(false), "taken though the other came later")
        }
        try all.says(nonce: second["nonce"] ?? "")
        let browser = TokenHash.of("another browser")
        guard case .approved = try await all.take(state: second["state"] ?? "", browser: browser) else {
            return #expect(Bool(false), "not taken")
        }
    }

    @Test func `is found by no guess (J08)`() async throws {
        let all = try await BrowserHouse()
        let waiting = try await all.ask()
        for _ in 0..<10_000 {
            let id = String(waiting.id.prefix(8)) + String(Self.guess().prefix(8))
            #expect(try await all.desk.open(id) == nil)
        }
        for left: UInt64 in [4, 3, 2, 1] {
            guard case .wrong(let signIn) = try await all.type(Self.guess(), waiting) else {
                return #expect(Bool(false), "a guess was right, or the sign-in is over")
            }
            #expect(BrowserSignIn.mostTries - signIn.tries == left)
        }
        for code in [Self.guess(), waiting.code] {
            guard case .over = try await all.type(code, waiting) else {
                return #expect(Bool(false), "it goes on")
            }
        }
        #expect(try await refusal { try await all.poll(waiting.state) } == .signInFailed)
        #expect(await all.house.store.events.map(\.action) == [.signInDenied, .signInRefused])
        let asked = all.played.provider.state.withLock { $0.asked }
        #expect(asked.isEmpty)
    }

    @Test func `counts guesses that come at once (J08)`() async throws {
        let all = try await BrowserHouse()
        let waiting = try await all.ask()
        let wrong = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    guard case .wrong? = try? await all.type(Self.guess(), waiting) else { return false }
                    return true
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(wrong < 5)
        let tries = try await all.desk.open(waiting.id)?.tries
        #expect(tries ?? 5 <= 5)
    }

    @Test func `reads a code however it is typed`() async throws {
        let all = try await BrowserHouse()
        let waiting = try await all.ask()
        #expect(waiting.code.utf8.count == 9 && waiting.code.dropFirst(4).first == "-")
        let typed = " " + waiting.code.lowercased().replacing("-", with: " ")
        guard case .goOn = try await all.type(typed, waiting) else {
            return #expect(Bool(false), "not taken: \(typed)")
        }
    }

    @Test func `is not to be asked after more often than told (J08)`() async throws {
        let all = try await BrowserHouse()
        let waiting = try await all.ask()
        #expect(try await refusal { try await all.pollAtOnce(waiting.state) } == .slowDown)
        #expect(try await refusal { try await all.pollAtOnce(waiting.state) } == .slowDown)
        _ = try await all.poll(waiting.state)
        all.house.clock.step(1)
        #expect(try await refusal { try await all.pollAtOnce(waiting.state) } == .slowDown)
        _ = try await all.poll(waiting.state)
    }

    @Test func `lasts five minutes`() async throws {
        let all = try await BrowserHouse()
        let waiting = try await all.ask()
        let sent = try await all.sentAway(waiting)
        all.house.clock.step(300)
        #expect(try await all.desk.open(waiting.id) == nil)
        guard case .foreign = try await all.take(state: sent["state"] ?? "") else {
            return #expect(Bool(false), "still taken")
        }
        #expect(try await refusal { try await all.poll(waiting.state) } == .conversationOver)
    }

    @Test func `is refused where the provider refuses, and by what it says of an error (J12)`() async throws {
        let all = try await BrowserHouse()
        let waiting = try await all.ask()
        let sent = try await all.sentAway(waiting)
        guard case .denied = try await all.take(state: sent["state"] ?? "", error: "<script>") else {
            return #expect(Bool(false), "not denied")
        }
        #expect(await all.house.store.events.last?.details["reason"] == .text("denied: other"))
        #expect(try await refusal { try await all.poll(waiting.state) } == .signInFailed)
    }

    @Test func `is asked for so often from one network`() async throws {
        let all = try await BrowserHouse()
        for _ in 0..<100 { _ = try await all.ask() }
        #expect(try await refusal { try await all.ask() } == .busy)
        _ = try await all.ask(source: "192.0.2.1")
    }

    @Test func `names what asks by harmless letters alone`() async throws {
        let all = try await BrowserHouse()
        let (state, _) = try await all.house.authority.signIn.start(
            name: "", with: "oidc", key: all.key.publicKey, source: BrowserHouse.address)
        for client in ["", "<b>", String(repeating: "a", count: 65), "a\nb", "\u{202E}"] {
            let refused = try await refusal {
                try await all.house.authority.signIn.answer(
                    state: state, ["headless": client], key: all.key.publicKey,
                    source: BrowserHouse.address, requestID: "r", once: .unclaimed)
            }
            #expect(refused == .badRequest)
        }
    }

    @Test func `is asked for by the kind alone where one way fits`() async throws {
        let all = try await BrowserHouse()
        _ = try await all.ask(with: "oidc:example")
        _ = try await all.ask(with: "oidc")
        #expect(try await refusal { try await all.ask(with: "oidc+password") } == .badRequest)
    }

    private static func guess() -> String {
        String((0..<8).map { _ in "BCDFGHJKLMNPQRSTVWXZ".randomElement() ?? "B" })
    }
}
