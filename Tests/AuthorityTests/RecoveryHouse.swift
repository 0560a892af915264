import Authority
import HostDocuments
import Names
import SSHFormats
import TestKit
import Testing

/// A house in which alice, who leads with bob and carol, has a laptop; and the key of a new machine.
struct RecoveryHouse {
    static let policy = """
        groups: {leads: [alice, bob, carol, ada]}
        recovery: {device: true, by: group:leads, count: 2}
        grants:
          - {name: admins, who: [ada], to: [authority], as: [admin]}
          - {name: help, who: [hal], to: [authority], as: [helpdesk]}
        """

    let house: TestHouse
    let alice: TestPerson
    let people: [String: TestPerson]
    let key: PrivateKey
    static let source = "198.51.100.7"

    init(policy: String = policy) async throws {
        house = try await TestHouse(policy: policy)
        var people: [String: TestPerson] = [:]
        for (name, key) in [("alice", UInt8(1)), ("bob", 2), ("carol", 3), ("hal", 4)] {
            people[name] = try await house.enrol(name, key: key)
        }
        self.people = people
        alice = try #require(people["alice"])
        key = try TestHouse.key(77)
        house.clock.step(30)
    }

    func asks(_ name: String) async throws -> Requester {
        try await house.asks(try #require(people[name]))
    }

    /// - Returns: The state, and the number that is shown.
    func begin(
        _ vouching: Vouching, _ name: String = "alice", key: PrivateKey? = nil, source: String = source
    ) async throws -> (state: String, number: String) {
        let key = key ?? self.key
        let (state, ask) = try await house.authority.signIn.start(
            name: name, with: SignInWay.recovery(vouching).description, key: key.publicKey, source: source)
        guard vouching == .colleagues else { return (state, ask.first?.code ?? "") }
        #expect(ask.map(\.name) == ["reason"])
        let reached = try await answer(state, ["reason": "lost my phone"], key: key, source: source)
        guard case .more(let next, let wait) = reached else { throw TestFailure("it does not wait") }
        return (next, wait.first?.code ?? "")
    }

    func answer(
        _ state: String, _ answers: [String: String], key: PrivateKey? = nil, source: String = source
    ) async throws -> SignInConversation.Reached {
        try await house.authority.signIn.answer(
            state: state, answers, key: (key ?? self.key).publicKey, source: source, requestID: "recover",
            once: .unclaimed
        ).value
    }

    /// What the next answer asks for.
    func poll(
        _ state: String, key: PrivateKey? = nil
    ) async throws -> (state: String, ask: [Prompt]) {
        let reached = try await answer(state, ["recovery": ""], key: key)
        guard case .more(let next, let ask) = reached else { throw TestFailure("it is over") }
        return (next, ask)
    }

    func vouch(
        _ number: UInt64, _ name: String, _ shown: String?,
        _ decision: ApprovalStatement.Decision = .approved,
        key: PrivateKey? = nil
    ) async throws -> ApprovalShown {
        let document = await house.store.approval(number)?.request.document ?? ""
        let statement = ApprovalStatement(
            request: document, decision: decision, person: name, reason: nil, number: shown)
        let signature = try SSHSIG.sign(
            Array(statement.text.utf8), namespace: ApprovalStatement.namespace,
            with: try key ?? #require(people[name]).key)
        let said = ApprovalSaid(
            number: number, decision: decision, reason: nil, shown: shown, signature: signature)
        return try await house.authority.approvals.decide(said, by: try await asks(name), once: .unclaimed)
            .value
    }

    /// - Parameter password: A new one, where one is asked for.
    func setUp(
        _ state: String, _ ask: [Prompt], lost: String = "", keep: String = "",
        password: String = "another long sentence", device: String = "new", key: PrivateKey? = nil,
        source: String = source
    ) async throws -> NewSession {
        let secret = Self.secret(in: ask)
        let code = TOTP.code(
            secret: secret, step: house.clock.now.seconds / 30)
        var answers = ["device": device, "lost": lost, "keep": keep, "new-totp": code]
        if ask.contains(where: { $0.name == "new-password" }) { answers["new-password"] = password }
        let reached = try await answer(state, answers, key: key, source: source)
        guard case .done(let new) = reached else { throw TestFailure("it goes on") }
        return new
    }

    /// Of the new authenticator app.
    static func secret(in ask: [Prompt]) -> [UInt8] {
        bytes(base32: ask.first { $0.name == "new-totp" }?.code ?? "")
    }

    /// RFC 4648 §6.
    private static func bytes(base32 text: String) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        var (out, buffer, held): ([UInt8], UInt32, UInt32) = ([], 0, 0)
        for letter in text.utf8 {
            buffer = (buffer << 5 | UInt32(alphabet.firstIndex(of: letter) ?? 0)) & 0xFFF
            held += 5
            guard held >= 8 else { continue }
            held -= 8
            out.append(UInt8(truncatingIfNeeded: buffer >> held))
        }
        return out
    }

    /// Of alice, as she was shown them when she enrolled.
    var codes: [String] { alice.session.recoveryCodes.map { $0.withExposed { $0 } } }

    /// alice shows a recovery code in place of her authenticator's.
    ///
    /// - Returns: What is asked for next.
    func show(
        _ code: String, password: String = TestHouse.password, key: PrivateKey? = nil, source: String = source
    ) async throws -> (state: String, ask: [Prompt]) {
        let (state, _) = try await house.authority.signIn.start(
            name: "alice", key: (key ?? self.key).publicKey, source: source)
        let reached = try await answer(
            state, ["password": password, "recovery": code], key: key, source: source)
        guard case .more(let next, let ask) = reached else { throw TestFailure("the code alone lets in") }
        return (next, ask)
    }

    /// And sets everything anew on the same laptop.
    @discardableResult
    func comeBack(
        _ code: String, device: String = "laptop", keep: String = "", key: PrivateKey? = nil,
        source: String = source
    ) async throws -> NewSession {
        let (state, ask) = try await show(code, key: key, source: source)
        return try await setUp(state, ask, keep: keep, device: device, key: key, source: source)
    }

    func requester(_ new: NewSession, key: PrivateKey? = nil) async throws -> Requester {
        try await house.authority.sessions.authenticate(
            tokenHash: TokenHash.of(new.token.withExposed { $0 }), key: (key ?? self.key).publicKey,
            source: Self.source, requestID: "r")
    }

    func status(_ device: String) async throws -> IdentityStatus? {
        await house.store.identity(try IdentityID("device:\(device)"))?.status
    }
}
