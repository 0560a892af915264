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
    let directory: any Directory
    let recorder: Recorder
    let settings: PasskeySettings

    /// The same for every name: the page shows none. Which security keys it asks for by their ids, the key that signs in
    /// decides, and neither a name nor whether another factor was right.
    func begin(_ about: ConversationFacts) async throws(AuthorityError) -> Asked {
        let (request, token) = PasskeyRequest.new(
            .signIn, verification: about.isAlone ? .required : settings.verification, key: about.key,
            source: about.source,
            listed: try await listed(about), in: recorder.world)
        try await recorder.keep([.passkeyAsked(request)])
        return asked(request.id, number: request.number, token: token)
    }

    /// The person of the session that goes on, or of the enrolled device whose key the conversation is bound to.
    private func listed(_ about: ConversationFacts) async throws(AuthorityError) -> IdentityID? {
        if let session = about.session { return session }
        guard !about.isAlone else { return nil }
        do {
            guard let key = try await directory.key(about.key), key.state == .active,
                let device = try await directory.identity(key.identity), device.id.kind == .device,
                device.status == .active
            else { return nil }
            return device.owner
        } catch {
            throw .store(error)
        }
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
