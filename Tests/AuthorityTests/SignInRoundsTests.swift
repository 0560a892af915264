import Authority
import Names
import SSHFormats
import TestKit
import Testing

/// A factor that believes what it is told: `alice` proves alice, `more` asks again.
private struct PlayedFactor: Participant {
    let name: String
    let factor: Factor
    var canBeGuessed = true

    func begin(_ about: ConversationFacts) async throws(AuthorityError) -> Asked {
        Asked([Prompt(.text, name, "Who?")], memory: [1])
    }

    func answer(
        _ answers: [String: String], memory: [UInt8], _ about: ConversationFacts
    ) async throws(AuthorityError) -> Turn {
        guard let answer = answers[name] else { return .failed(reason: "no-answer") }
        if answer == "more" { return .ask(Asked([Prompt(.secret, name, "And?")], memory: memory + [1])) }
        guard let id = try? IdentityID(answer), about.person != nil || about.name.isEmpty else {
            return .failed(reason: "wrong-\(name) after \(memory.count)")
        }
        return .proven(id, facts: [])
    }
}

/// A factor whose place of proof does not answer.
private struct AbsentFactor: Participant {
    let name: String
    let factor: Factor
    let canBeGuessed = true

    func begin(_ about: ConversationFacts) async throws(AuthorityError) -> Asked {
        throw .refused(.unavailable)
    }

    func answer(
        _ answers: [String: String], memory: [UInt8], _ about: ConversationFacts
    ) async throws(AuthorityError) -> Turn { .failed(reason: "absent") }
}

@Suite struct `A sign-in of several rounds` {
    private let key = try? TestHouse.key(1).publicKey

    private func house(_ ways: String...) async throws -> (house: TestHouse, alice: TestPerson) {
        let house = try await TestHouse(
            ways: try ways.map { try SignInWay($0) },
            participants: [
                PlayedFactor(name: "pam", factor: .pam),
                PlayedFactor(name: "oidc:corp", factor: .oidc, canBeGuessed: false),
            ])
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        return (house, alice)
    }

    private func start(
        _ house: TestHouse, _ name: String, with way: String? = nil
    ) async throws -> (state: String, ask: [Prompt]) {
        try await house.authority.signIn.start(
            name: name, with: way, key: try TestHouse.key(1).publicKey, source: "192.0.2.1")
    }

    private func answer(
        _ house: TestHouse, _ state: String, _ answers: [String: String]
    ) async throws -> SignInConversation.Reached {
        try await house.authority.signIn.answer(
            state: state, answers, key: try TestHouse.key(1).publicKey, source: "192.0.2.1",
            requestID: "sign-in", once: .unclaimed
        ).value
    }

    /// The state after an answer that does not end it.
    private func more(
        _ house: TestHouse, _ state: String, _ answers: [String: String]
    ) async throws -> (state: String, ask: [Prompt]) {
        guard case .more(let state, let ask) = try await answer(house, state, answers) else {
            throw TestFailure("the conversation is over")
        }
        return (state, ask)
    }

    private func known(_ alice: TestPerson, _ house: TestHouse) -> [String: String] {
        ["password": alice.password, "totp": alice.code(at: house.clock.now)]
    }

    @Test func `asks as long as a factor has questions, then makes a session with its time`() async throws {
        let (house, _) = try await house("pam")
        let first = try await start(house, "alice")
        #expect(first.ask.map(\.name) == ["pam"])
        let second = try await more(house, first.state, ["pam": "more"])
        #expect(second.ask.map(\.kind) == [.secret])
        guard case .done(let new) = try await answer(house, second.state, ["pam": "alice"]) else {
            return #expect(Bool(false), "it goes on")
        }
        #expect(new.session.factors == [.pam: house.clock.now])
        #expect(!new.session.isLimited)
        #expect(await house.store.reservedAttempts.isEmpty)
    }

    @Test func `takes the ways that are offered, by name, and no others`() async throws {
        let (house, alice) = try await house("pam", "password+totp")
        #expect(try await start(house, "alice").ask.map(\.name) == ["pam"])
        #expect(
            try await start(house, "alice", with: "password+totp").ask.map(\.name) == ["password", "totp"])
        for way in ["", "totp", "oidc:corp", "password", "pam+totp"] {
            #expect(await refusal { try await start(house, "alice", with: way) } == .badRequest)
        }
        let begun = try await start(house, "alice")
        #expect(
            await refusal { try await answer(house, begun.state, known(alice, house)) } == .signInFailed)
    }

    @Test func `says at the end alone that it failed, wherever it did`() async throws {
        let (house, alice) = try await house("password+totp+pam")
        let right = known(alice, house)
        let wrong = right.merging(["password": "not the password"]) { $1 }
        for (name, first, second, reason) in [
            ("alice", wrong, "alice", "wrong-password"), ("alice", wrong, "x", "wrong-password"),
            ("nobody", right, "alice", "unknown"), ("alice", right, "no name", "wrong-pam after 1"),
        ] as [(String, [String: String], String, String)] {
            let begun = try await start(house, name)
            let next = try await more(house, begun.state, first)
            #expect(next.ask.map(\.name) == ["pam"])
            #expect(await refusal { try await answer(house, next.state, ["pam": second]) } == .signInFailed)
            #expect(await house.store.events.last?.details["reason"] == .text(reason))
        }
    }

    @Test func `takes a code once, though the session comes later, and tells at the end alone`() async throws
    {
        let (house, alice) = try await house("password+totp+pam")
        let begun = try await start(house, "alice")
        let right = known(alice, house)
        let next = try await more(house, begun.state, right)
        let again = try await more(house, begun.state, right)
        #expect(await refusal { try await answer(house, again.state, ["pam": "alice"]) } == .signInFailed)
        #expect(await house.store.events.last?.details["reason"] == .text("code-used"))
        guard case .done(let new) = try await answer(house, next.state, ["pam": "alice"]) else {
            return #expect(Bool(false), "it goes on")
        }
        #expect(Set(new.session.factors.keys) == [.password, .totp, .pam])
        #expect(new.session.identity == (try IdentityID("alice")))
        #expect(await house.store.presentFailures == 0)
    }

    @Test func `remembers an answer for its repetition, whether it was right or wrong`() async throws {
        let (house, alice) = try await house("password+totp+pam")
        let right = known(alice, house)
        let wrong = right.merging(["password": "not the password"]) { $1 }
        for (number, answers) in [right, wrong].enumerated() {
            let begun = try await start(house, "alice")
            let once = Once<SignInConversation.Reached>(claim: house.claim(UInt8(number))) { reached in
                guard case .more(let state, _) = reached else { return [] }
                return Array(state.utf8)
            }
            let send = {
                try await house.authority.signIn.answer(
                    state: begun.state, answers, key: try TestHouse.key(1).publicKey, source: "192.0.2.1",
                    requestID: "sign-in", once: once)
            }
            _ = try await send()
            let error = await failure { try await send() }
            guard case .replayed = error else { return #expect(Bool(false), "\(error as Any)") }
        }
    }

    @Test func `writes as much for what is right as for what is wrong or unknown`() async throws {
        let (house, alice) = try await house("password+totp+pam")
        let right = known(alice, house)
        let wrong = right.merging(["password": "not the password"]) { $1 }
        var written: [Int] = []
        for (name, answers) in [("alice", right), ("alice", wrong), ("nobody", right)] {
            let begun = try await start(house, name)
            let before = await house.store.claimCount
            _ = try await more(house, begun.state, answers)
            written.append(await house.store.claimCount - before)
        }
        #expect(written == [1, 1, 1])
    }

    @Test func `gives the try back where a factor cannot even begin`() async throws {
        let house = try await TestHouse(
            ways: [try SignInWay("pam")], participants: [AbsentFactor(name: "pam", factor: .pam)])
        try await house.enrol("alice", key: 1)
        for _ in 0..<9 { #expect(await refusal { try await start(house, "alice") } == .unavailable) }
        #expect(await house.store.reservedAttempts.isEmpty)
    }

    @Test func `makes one session, however often its end is repeated`() async throws {
        let (house, _) = try await house("pam")
        let begun = try await start(house, "alice")
        guard case .done = try await answer(house, begun.state, ["pam": "alice"]) else {
            return #expect(Bool(false), "it goes on")
        }
        #expect(
            await refusal { try await answer(house, begun.state, ["pam": "alice"]) } == .conversationOver)
    }

    @Test func `proves the person who was named, or says who it is where nobody was`() async throws {
        let (house, _) = try await house("oidc:corp")
        try await house.add("bob")
        let named = try await start(house, "bob")
        #expect(
            await refusal { try await answer(house, named.state, ["oidc:corp": "alice"]) } == .signInFailed)
        #expect(await house.store.events.last?.details["reason"] == .text("another-person"))
        let open = try await start(house, "")
        guard case .done(let new) = try await answer(house, open.state, ["oidc:corp": "alice"]) else {
            return #expect(Bool(false), "it goes on")
        }
        #expect(new.session.identity == (try IdentityID("alice")))
        for stranger in ["nobody", "host:web1", "device:alice.laptop"] {
            let begun = try await start(house, "")
            #expect(
                await refusal { try await answer(house, begun.state, ["oidc:corp": stranger]) }
                    == .signInFailed)
        }
    }

    @Test func `counts each try at what could be guessed, and locks that factor alone`() async throws {
        let (house, alice) = try await house("pam", "password+totp")
        for _ in 0..<5 {
            let begun = try await start(house, "alice")
            #expect(await refusal { try await answer(house, begun.state, ["pam": "x"]) } == .signInFailed)
        }
        let begun = try await start(house, "alice")
        #expect(await refusal { try await answer(house, begun.state, ["pam": "alice"]) } == .signInFailed)
        #expect(await house.store.events.last?.details["reason"] == .text("locked"))
        try await house.signIn(alice, with: "password+totp")
    }

    @Test func `goes on under a session, too`() async throws {
        let (house, alice) = try await house("pam", "password+totp")
        try await house.signIn(alice, with: "password+totp")
        let requester = try await house.requester("alice")
        let begun = try await house.authority.stepUp.start(["pam", "totp"], by: requester)
        #expect(begun.ask == [.totp])
        let answer = { (state: String, answers: [String: String]) in
            try await house.authority.stepUp.answer(state: state, answers, by: requester, once: .unclaimed)
                .value
        }
        house.clock.step(30)
        guard
            case .more(let state, let ask) = try await answer(
                begun.state, ["totp": alice.code(at: house.clock.now)])
        else { return #expect(Bool(false), "it ended") }
        #expect(ask.map(\.name) == ["pam"])
        guard case .done(let session) = try await answer(state, ["pam": "alice"]) else {
            return #expect(Bool(false), "it goes on")
        }
        #expect(
            session.factors[.pam] == house.clock.now.advanced(by: -30)
                && session.factors[.totp] == house.clock.now)
    }
}

@Suite struct `A grant that asks for oidc where there are several providers` {
    private func house() async throws -> (house: TestHouse, alice: TestPerson) {
        let house = try await TestHouse(
            ways: try ["password+totp", "oidc:away", "oidc:corp"].map { try SignInWay($0) },
            participants: ["away", "corp"].map {
                PlayedFactor(name: "oidc:\($0)", factor: .oidc, canBeGuessed: false)
            })
        let alice = try await house.enrol("alice", key: 1)
        house.clock.step(30)
        try await house.signIn(alice, with: "password+totp")
        return (house, alice)
    }

    @Test func `gets it from the one where the person has an account`() async throws {
        let (house, _) = try await house()
        let requester = try await house.requester("alice")
        let account = UpstreamSubject(issuer: PlayedUpstream.issuer, subject: "1")
        let link = UpstreamLink(account: account, person: requester.identity.id, linkedAt: house.clock.now)
        _ = try await house.store.record(Entry([.upstreamLinked(link)], event: nil))
        let begun = try await house.authority.stepUp.start(["oidc"], by: requester)
        #expect(begun.ask.map(\.name) == ["oidc:corp"])
        let named = try await house.authority.stepUp.start(["oidc:away"], by: requester)
        #expect(named.ask.map(\.name) == ["oidc:away"])
    }

    @Test func `does not guess one for a person who has none`() async throws {
        let (house, _) = try await house()
        let requester = try await house.requester("alice")
        #expect(
            await refusal { try await house.authority.stepUp.start(["oidc"], by: requester) } == .badRequest)
    }
}

@Suite struct `A way to sign in` {
    @Test(arguments: ["password+totp", "pam", "oidc:corp", "password+webauthn", "sshkey+totp"])
    func `is a list of factors`(_ text: String) throws { #expect(try SignInWay(text).description == text) }

    @Test(arguments: [
        "", "password", "+", "password+", "pam+pam", "face", "pam:x", "recovery", "password+recovery",
        "totp+password+pam+sshkey+oidc", "Password+totp", "password + totp",
    ])
    func `needs one to four, each once, with more than a password`(_ text: String) {
        #expect(throws: SignInWayFault.self) { try SignInWay(text) }
    }
}
