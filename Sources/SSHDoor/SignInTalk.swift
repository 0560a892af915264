package import AuthorityAPI
package import AuthorityClient

/// The sign-in conversation of the authority, passed on step by step to whoever is at the other end of a dialogue.
package struct SignInTalk {
    package enum Ending: Sendable {
        case signedIn(SessionReply)
        /// The authority says no.
        case refused(Problem)
        /// The person is gone, or answers what was not asked.
        case left
        /// The authority cannot be asked, or asks for what cannot be shown here; one sentence for the person.
        case failed(String)
    }

    /// Rounds of one conversation.
    private static let mostRounds = 256
    /// Longest answer of a person, in bytes.
    private static let longestAnswer = 4096
    /// Seconds between two looks at whether something has happened elsewhere.
    private static let pause = 2.0

    let connection: AuthorityConnection
    let dialogue: any Dialogue

    package init(_ connection: AuthorityConnection, _ dialogue: any Dialogue) {
        self.connection = connection
        self.dialogue = dialogue
    }

    /// Talks to the end. A name that nobody has is talked with like any other.
    package func run(_ name: String) async -> Ending {
        do throws(ClientError) {
            var (reply, _) = try await connection.call(
                .signIn, body: SignInRequest(name: name), as: SignInReply.self)
            var shown = ""
            for _ in 0..<SignInTalk.mostRounds {
                if let session = reply.session { return .signedIn(session) }
                guard let conversation = reply.conversation, !reply.steps.isEmpty else {
                    return .failed("the authority ended the sign-in without a word")
                }
                guard let answers = await answers(to: reply.steps, shown: &shown) else { return .left }
                let answer = SignInAnswer(conversation: conversation, answers: answers)
                (reply, _) = try await connection.call(.signInAnswer, body: answer, as: SignInReply.self)
            }
            return .failed("the sign-in does not come to an end")
        } catch {
            guard case .refused(let problem) = error else {
                return .failed("the authority cannot be asked now")
            }
            return .refused(problem)
        }
    }

    /// Everything that can be typed is asked for at once; what is to be done elsewhere is shown once, and looked after.
    private func answers(to steps: [SignInStep], shown: inout String) async -> [String: String]? {
        let typed = steps.filter { [.text, .secret, .choose].contains($0.kind) }
        let text = steps.filter { [.openURL, .wait, .webauthn].contains($0.kind) }.map(Self.text)
            .joined(separator: "\n")
        let prompts = typed.map { DialoguePrompt(Self.clean($0.prompt), isShown: $0.kind != .secret) }
        var given: [String]? = []
        if !prompts.isEmpty || text != shown { given = await dialogue.ask(text, prompts) }
        if prompts.isEmpty { try? await Task.sleep(for: .seconds(Self.pause), clock: .continuous) }
        shown = text
        guard let given, given.count == typed.count, given.allSatisfy({ $0.utf8.count <= Self.longestAnswer })
        else { return nil }
        return Dictionary(zip(typed.map(\.name), given)) { first, _ in first }
    }

    private static func text(_ step: SignInStep) -> String { clean(step.prompt) }

    /// What a terminal would obey is left out.
    private static func clean(_ text: String) -> String {
        String(decoding: text.utf8.filter { $0 >= 0x20 && $0 != 0x7f }, as: UTF8.self)
    }
}
