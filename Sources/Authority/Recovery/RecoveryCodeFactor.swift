import Names
import SSHFormats

/// The last round of a sign-in in which a recovery code was shown: everything is set anew, with the key of the machine that asks.
/// The code is taken together with that, so whoever is interrupted asks again with the same one.
struct RecoveryCodeFactor: Participant {
    static let name = "recovery:code"

    let desk: RecoveryDesk
    let fresh: FreshStart

    var name: String { Self.name }
    let factor = Factor.recovery
    /// What could be was counted before.
    let canBeGuessed = false

    private var recorder: Recorder { desk.recorder }

    func begin(_ about: ConversationFacts) async throws(AuthorityError) -> Asked {
        guard let person = about.person, about.code != nil else { throw .refused(.conversationOver) }
        let event = Event(
            time: recorder.world.now(), action: .recoveryAsked, actor: nil, subject: about.name,
            requestID: "", source: about.source,
            details: ["by": .text("code"), "key": .text(about.key.description)])
        do { _ = try await recorder.journal.record(Entry([], event: event)) } catch { throw .store(error) }
        let secret = recorder.world.random(TOTP.secretLength)
        return Asked(try await fresh.prompts(for: person, secret, .kept), memory: secret)
    }

    /// - Throws: `.refused` with what is wrong with the answers; then others may be given.
    func answer(
        _ answers: [String: String], memory: [UInt8], _ about: ConversationFacts
    ) async throws(AuthorityError) -> Turn {
        guard let person = about.person, let code = about.code else { throw .refused(.conversationOver) }
        let now = recorder.world.now()
        let left = try await desk.codes.left(of: person.id) ?? 0
        let facts: [Fact] = [
            .recoveryCodeUsed(person.id, hash: code, at: now),
            .noticed(person.id, Notice(.recoveryCodeUsed, at: now, source: about.source)),
        ]
        return .recovered(
            try await fresh.plan(for: person, answers, memory, .kept, taking: facts, .code(left: left - 1)))
    }
}
