import Names
import SSHFormats

/// A passkey, used in a browser: on this machine or any other. Whoever signs in gets the address of a page and a number
/// to type there, so that nobody can be made to touch a key for somebody else's sign-in by a link alone.
struct PasskeyFactor: Participant {
    let name = "webauthn"
    let factor = Factor.webauthn
    /// Nobody guesses a signature.
    let canBeGuessed = false
    let passkeys: any Passkeys
    let recorder: Recorder
    let settings: PasskeySettings

    /// The same for every name: the page shows none, and offers no passkey by its id.
    func begin(_ about: ConversationFacts) async throws(AuthorityError) -> Asked {
        let (request, token) = PasskeyRequest.new(
            .signIn, verification: about.isAlone ? .required : settings.verification, key: about.key,
            source: about.source, in: recorder.world)
        try await recorder.keep([.passkeyAsked(request)])
        return asked(request.id, number: request.number, token: token)
    }

    func answer(
        _ answers: [String: String], memory: [UInt8], _ about: ConversationFacts
    ) async throws(AuthorityError) -> Turn {
        var reader = WireReader(memory)
        guard let id = try? reader.text(limit: 64), let number = try? reader.text(limit: 8),
            let token = try? reader.text(limit: 64)
        else { throw .refused(.conversationOver) }
        let found: PasskeyRequest?
        do { found = try await passkeys.passkeyRequest(id: id) } catch { throw .store(error) }
        guard let found, found.purpose == .signIn, found.key == about.key else {
            return .failed(reason: "webauthn: gone")
        }
        switch found.state {
        case .open, .numbered:
            guard !found.isOver(at: recorder.world.now()) else {
                return .failed(reason: "webauthn: not-answered")
            }
            return .ask(asked(id, number: number, token: token))
        case .used, .denied, .failed: return .failed(reason: "webauthn: \(found.state.rawValue)")
        case .answered:
            guard let person = found.proof?.person,
                about.person.map({ $0.id == person }) ?? about.name.isEmpty
            else { return .failed(reason: "another-person") }
            return .proven(person, facts: [.passkeyMoved(id: id, .used, nil)])
        }
    }

    private func asked(_ id: String, number: String, token: String) -> Asked {
        var prompt = Prompt(.wait, name, "Open the page, type the number there, and use your passkey")
        prompt.url = settings.address(of: token)
        prompt.code = number
        prompt.seconds = 2
        var memory = WireWriter()
        memory.string(id)
        memory.string(number)
        memory.string(token)
        return Asked([prompt], memory: memory.bytes)
    }
}
