import Authority
import Names
import SSHFormats
import SignIn
import TestKit

/// An authority that takes passkeys, with real answers of soft authenticators, and pages that are read by hand.
struct PasskeyHouse: Sendable {
    static let page = "https://ca.example.com:8443/passkey"
    static let stranger = "198.51.100.7"

    let house: TestHouse
    let alice: TestPerson

    init(
        _ verification: UserVerification = .preferred, ways: [String] = ["webauthn", "password+webauthn"]
    ) async throws {
        let settings = PasskeySettings(
            relyingParty: "ca.example.com", origins: ["https://ca.example.com:8443"], page: Self.page,
            verification: verification, mayBeAlone: ways.contains("webauthn"), verifier: PasskeyVerifier())
        house = try await TestHouse(
            ways: [.standard] + ways.map { try SignInWay($0) }, passkeys: settings)
        alice = try await house.enrol("alice", key: 1)
    }

    var page: PasskeyPage { house.authority.passkeyPage }

    func asks(_ person: TestPerson) async throws -> Requester {
        try await house.authority.sessions.authenticate(
            tokenHash: TokenHash.of(person.session.token.withExposed { $0 }), key: person.key.publicKey,
            source: TestHouse.source, requestID: "request-1")
    }

    /// What somebody signs in by: where the conversation stands, and what it shows.
    struct Waiting: Sendable {
        let state: String
        let token: String
        let number: String
        let key: PublicKey
    }

    func begin(
        _ name: String = "alice", with way: String = "webauthn", key: UInt8 = 40
    ) async throws -> Waiting {
        let key = try TestHouse.key(key).publicKey
        let (state, ask) = try await house.authority.signIn.start(
            name: name, with: way, key: key, source: TestHouse.source)
        return try Self.waiting(state, ask, key)
    }

    /// A sign-in with `password+webauthn`, with the password already shown; from a person's own device where `key` is its.
    func beginAfterPassword(
        _ name: String = "alice", _ password: String = TestHouse.password, key: UInt8
    ) async throws -> Waiting {
        let key = try TestHouse.key(key).publicKey
        let (state, _) = try await house.authority.signIn.start(
            name: name, with: "password+webauthn", key: key, source: TestHouse.source)
        let reached = try await house.authority.signIn.answer(
            state: state, ["password": password], key: key, source: TestHouse.source, requestID: "sign-in-1",
            once: .unclaimed
        ).value
        guard case .more(let next, let ask) = reached else { throw TestFailure("it is over") }
        return try Self.waiting(next, ask, key)
    }

    /// The ids that the page of a sign-in is told, once its number was typed.
    func ids(_ waiting: Waiting) async throws -> [[UInt8]] {
        try await page.open(
            waiting.token, number: waiting.number, source: Self.stranger, requestID: "page-1"
        ).ids
    }

    static func waiting(_ state: String, _ ask: [Prompt], _ key: PublicKey) throws -> Waiting {
        guard let prompt = ask.first, ask.count == 1, let url = prompt.url, let number = prompt.code,
            url.hasPrefix("\(page)#")
        else { throw TestFailure("no page: \(ask)") }
        return Waiting(
            state: state, token: String(url.dropFirst(page.utf8.count + 1)), number: number, key: key)
    }

    /// The request once its number was typed.
    func open(_ waiting: Waiting) async throws -> PasskeyRequest {
        try await page.open(
            waiting.token, number: waiting.number, source: Self.stranger, requestID: "page-1"
        ).0
    }

    func saying(_ request: PasskeyRequest, count: UInt32 = 0) -> SoftAuthenticator.Saying {
        SoftAuthenticator.Saying(challenge: request.challenge, count: count)
    }

    func answer(_ token: String, _ assertion: PasskeyAssertion) async throws {
        try await page.answer(token, assertion, source: Self.stranger, requestID: "page-2")
    }

    func go(on waiting: Waiting) async throws -> SignInConversation.Reached {
        try await house.authority.signIn.answer(
            state: waiting.state, ["webauthn": ""], key: waiting.key, source: TestHouse.source,
            requestID: "sign-in-1", once: .unclaimed
        ).value
    }

    /// Registers a passkey of the person.
    func register(
        _ authenticator: SoftAuthenticator, of person: TestPerson, name: String? = nil, count: UInt32 = 0,
        flags: UInt8 = 0x05, _ residentKey: ResidentKey = .required
    ) async throws -> Passkey {
        let requester = try await asks(person)
        let begun = try await house.authority.passkeys.begin(
            try name.map { try Name($0) }, residentKey, by: requester)
        let token = String(begun.address.dropFirst(Self.page.utf8.count + 1))
        let (request, _) = try await page.open(
            token, number: begun.number, source: Self.stranger, requestID: "page-1")
        var saying = saying(request, count: count)
        saying.flags = flags
        try await page.answer(
            token, try authenticator.attestation(saying), source: Self.stranger, requestID: "page-2")
        let reached = try await house.authority.passkeys.finish(begun.id, by: requester, once: .unclaimed)
            .value
        guard case .registered(let passkey) = reached else { throw TestFailure("not registered") }
        return passkey
    }

    /// A whole sign-in with it.
    func signIn(
        _ authenticator: SoftAuthenticator, _ passkey: Passkey, name: String = "alice", count: UInt32 = 0
    ) async throws -> NewSession {
        let waiting = try await begin(name)
        let request = try await open(waiting)
        try await answer(
            waiting.token, try authenticator.assertion(saying(request, count: count), handle: passkey.handle))
        guard case .done(let new) = try await go(on: waiting) else { throw TestFailure("it goes on") }
        return new
    }

    /// Actions of the ledger, the latest last; refused ones with their code.
    var story: [String] {
        get async {
            await house.store.events.map { $0.action.rawValue + ($0.refusal.map { ":\($0.rawValue)" } ?? "") }
        }
    }
}

/// What was refused; nil where something was given.
func refusal(_ body: () async throws -> some Any) async throws -> Refusal? {
    do {
        _ = try await body()
        return nil
    } catch AuthorityError.refused(let refused) {
        return refused.refusal
    }
}
