/// A dialogue by keyboard-interactive authentication (RFC 4256): each round is one request of ours and one answer.
final class KeyboardInteractive: Dialogue {
    private static let title = "Keyreeve"
    private let session: SSHSession
    /// What the next request answers.
    private(set) var pending: SSHMessage?

    init(_ session: SSHSession, _ first: SSHMessage) {
        self.session = session
        pending = first
    }

    func ask(_ text: String, _ prompts: [DialoguePrompt]) async -> [String]? {
        guard let asked = pending, asked.ask(KeyboardInteractive.title, text, prompts) else { return nil }
        pending = session.next()
        guard let pending, case .answers = pending.kind else { return nil }
        return pending.answers(prompts.count, of: session)
    }

    /// Takes the message that is still to be answered.
    func taken() -> SSHMessage? {
        defer { pending = nil }
        return pending
    }
}
