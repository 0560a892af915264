import PAMProtocol

/// What the person is asked, or told to wait for.
package struct PAMPrompt: Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case secret, text, wait }

    package let kind: Kind
    /// Names the answer: `pam-1`, `pam-2` and so on through the conversation; `pam-wait` where there is none to give.
    package let name: String
    /// What modules told before, a line each, and then the question.
    package let text: String

    package init(kind: Kind, name: String, text: String) {
        self.kind = kind
        self.name = name
        self.text = text
    }

    static func waiting(_ told: [PAMMessage]) -> PAMPrompt {
        let notes = PAMText.notes(told)
        return PAMPrompt(kind: .wait, name: "pam-wait", text: notes.isEmpty ? "Waiting" : notes)
    }

    /// The round of a module; messages that are only read go before the question that follows them.
    ///
    /// - Parameter first: The number of the first answer.
    static func round(_ messages: [PAMMessage], first: Int) -> [PAMPrompt] {
        var prompts: [PAMPrompt] = []
        var told: [PAMMessage] = []
        for message in messages {
            guard message.style.isAnswered else {
                told.append(message)
                continue
            }
            let notes = PAMText.notes(told)
            let question = PAMText.question(message.text)
            told = []
            prompts.append(
                PAMPrompt(
                    kind: message.style == .secret ? .secret : .text, name: "pam-\(first + prompts.count)",
                    text: notes.isEmpty ? question : "\(notes)\n\(question)"))
        }
        return prompts
    }
}
