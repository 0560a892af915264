import Names
import SSHFormats

/// The way back for whoever has lost their factors: somebody vouches for them, and then everything is set anew, with the key of
/// the machine that asks. For names that do not exist it waits just as long, and asks nobody.
struct RecoveryFactor: Participant {
    static let longestReason = 500
    let vouching: Vouching
    let desk: RecoveryDesk
    let vouch: RecoveryVouchers
    let fresh: FreshStart

    var name: String { SignInWay.recovery(vouching).description }
    let factor = Factor.recovery
    /// Whoever asks disturbs people, so each asking is counted.
    let canBeGuessed = true

    private var recorder: Recorder { desk.recorder }

    func begin(_ about: ConversationFacts) async throws(AuthorityError) -> Asked {
        guard vouching == .colleagues else { return try await ask(nil, about) }
        return Asked(
            [Prompt(.text, "reason", "Why, for those who vouch for you")], memory: RecoveryMemory.asking.bytes
        )
    }

    func answer(
        _ answers: [String: String], memory: [UInt8], _ about: ConversationFacts
    ) async throws(AuthorityError) -> Turn {
        guard let memory = RecoveryMemory(memory) else { throw .refused(.conversationOver) }
        switch memory {
        case .asking: return .ask(try await ask(try reason(answers["reason"] ?? ""), about))
        case .waiting(let waiting): return try await wait(waiting, about)
        case .settingUp(let waiting, let secret): return try await setUp(waiting, secret, answers, about)
        }
    }

    private func reason(_ text: String) throws(AuthorityError) -> String? {
        guard text.unicodeScalars.count <= Self.longestReason,
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { throw .refused(.badRequest, "reason: at most 500 characters, no control characters") }
        return text.isEmpty ? nil : text
    }

    private func ask(_ reason: String?, _ about: ConversationFacts) async throws(AuthorityError) -> Asked {
        let shown = DeviceFactor.number(recorder.world.random(8))
        let waiting = try await vouch.ask(vouching, shown, reason, about)
        return Asked([prompt(waiting)], memory: RecoveryMemory.waiting(waiting).bytes)
    }

    private func prompt(_ waiting: RecoveryMemory.Waiting) -> Prompt {
        var prompt = Prompt(
            .wait, "recovery",
            vouching == .device
                ? "Run reeve sign-in approve on a device where you are signed in; the number that it asks for"
                : "Call those who may vouch for you, who run reeve requests; the number to tell them")
        prompt.code = waiting.shown
        prompt.seconds = 2
        return prompt
    }

    private func wait(
        _ waiting: RecoveryMemory.Waiting, _ about: ConversationFacts
    ) async throws(AuthorityError) -> Turn {
        switch try await vouch.answer(vouching, waiting, about) {
        case .given: return .ask(try await askForNew(waiting, about))
        case .open, .denied:
            // A denial is told when nobody could have agreed any more: before, it would say that somebody was asked.
            guard recorder.world.now() < waiting.notAfter else { return .failed(reason: "nobody-vouched") }
            return .ask(Asked([prompt(waiting)], memory: RecoveryMemory.waiting(waiting).bytes))
        case .used: return .failed(reason: "used")
        case .outdated: return .failed(reason: "policy-changed")
        }
    }

    private func askForNew(
        _ waiting: RecoveryMemory.Waiting, _ about: ConversationFacts
    ) async throws(AuthorityError) -> Asked {
        guard let person = about.person else { throw .refused(.conversationOver) }
        let secret = recorder.world.random(TOTP.secretLength)
        return Asked(
            try await fresh.prompts(for: person, secret, .anew),
            memory: RecoveryMemory.settingUp(waiting, secret).bytes)
    }

    /// - Throws: `.refused` with what is wrong with the answers; then others may be given.
    private func setUp(
        _ waiting: RecoveryMemory.Waiting, _ secret: [UInt8], _ answers: [String: String],
        _ about: ConversationFacts
    ) async throws(AuthorityError) -> Turn {
        let end = waiting.notAfter.advanced(by: Int64(FreshStart.longest))
        guard let person = about.person, recorder.world.now() < end else {
            return .failed(reason: "too-late")
        }
        guard case .given(let facts, let vouchers) = try await vouch.answer(vouching, waiting, about) else {
            return .failed(reason: "taken-back")
        }
        return .recovered(
            try await fresh.plan(
                for: person, answers, secret, .anew, taking: facts, .vouched(vouching, by: vouchers)))
    }
}
