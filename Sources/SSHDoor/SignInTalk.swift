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

    /// Rounds of one conversation; each that only waits takes a second at least.
    private static let mostRounds = 512
    /// Longest answer of a person, in bytes.
    private static let longestAnswer = 4096
    /// As the page of single sign-on shows it.
    private static let client = "ssh (the front door)"

    let connection: AuthorityConnection
    let dialogue: any Dialogue

    package init(_ connection: AuthorityConnection, _ dialogue: any Dialogue) {
        self.connection = connection
        self.dialogue = dialogue
    }

    /// Talks to the end. A name that nobody has is talked with like any other.
    ///
    /// - Parameter name: `NAME`, or `NAME/WAY` for another way to sign in than the authority's first.
    package func run(_ name: String) async -> Ending {
        let parts = name.utf8.split(
            separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false
        )
        .map { String(decoding: $0, as: UTF8.self) }
        let request = SignInRequest(name: parts.first ?? "", with: parts.dropFirst().first)
        do throws(ClientError) {
            var (reply, _) = try await connection.call(.signIn, body: request, as: SignInReply.self)
            var shown = ""
            for _ in 0..<SignInTalk.mostRounds {
                if let session = reply.session { return .signedIn(session) }
                guard let conversation = reply.conversation, !reply.steps.isEmpty else {
                    return .failed("the authority ended the sign-in without a word")
                }
                guard !reply.steps.contains(where: { $0.kind == .webauthn }) else {
                    return .failed(
                        "the authority asks for a security key, which ssh cannot reach: use another way")
                }
                guard let answers = await answers(to: reply.steps, shown: &shown) else { return .left }
                reply = try await send(SignInAnswer(conversation: conversation, answers: answers))
            }
            return .failed("the sign-in does not come to an end")
        } catch {
            guard case .refused(let problem) = error else {
                return .failed("the authority cannot be asked now")
            }
            return .refused(problem)
        }
    }

    /// Again, and later, where it came too soon.
    private func send(_ answer: SignInAnswer) async throws(ClientError) -> SignInReply {
        do throws(ClientError) {
            return try await connection.call(.signInAnswer, body: answer, as: SignInReply.self).0
        } catch {
            guard error.comesTooSoon else { throw error }
            try? await Task.sleep(for: .seconds(5), clock: .continuous)
            return try await connection.call(.signInAnswer, body: answer, as: SignInReply.self).0
        }
    }

    /// Everything that can be typed is asked for at once; what is to be done elsewhere is shown once, and looked after.
    private func answers(to steps: [SignInStep], shown: inout String) async -> [String: String]? {
        // The browser is at the person's machine, and nothing of this one is: not a question to them.
        let settled = steps.filter { $0.instead == SignInStep.headless }
        let typed = steps.filter { $0.kind != .openURL && $0.kind != .wait && !settled.contains($0) }
        let elsewhere = steps.filter { $0.kind == .openURL || $0.kind == .wait }
        let text = elsewhere.map(Self.text).joined(separator: "\n")
        var given: [String]? = []
        if !typed.isEmpty || !text.isEmpty && text != shown {
            given = await dialogue.ask(text, typed.map(Self.prompt))
        }
        shown = text
        guard let given, given.count == typed.count, given.allSatisfy({ $0.utf8.count <= Self.longestAnswer })
        else { return nil }
        if typed.isEmpty, !elsewhere.isEmpty {
            let seconds: UInt64 = elsewhere.compactMap(\.seconds).min() ?? 1
            try? await Task.sleep(for: .seconds(Int64(min(max(seconds, 1), 10))), clock: .continuous)
        }
        let answers =
            zip(typed.map(\.name), given).map { ($0, $1) } + elsewhere.map { ($0.name, "") }
            + settled.map { _ in (SignInStep.headless, SignInTalk.client) }
        return Dictionary(answers) { first, _ in first }
    }

    /// What is to be done elsewhere: the prompt, an address to open, and a code to compare or type there.
    private static func text(_ step: SignInStep) -> String {
        ([step.prompt] + [step.url, step.code.map { "Code: \($0)" }].compactMap(\.self)).map(clean)
            .joined(separator: "\n")
    }

    private static func prompt(_ step: SignInStep) -> DialoguePrompt {
        let choices = step.choices.map { " (\($0.joined(separator: ", ")))" } ?? ""
        return DialoguePrompt(clean(step.prompt + choices), isShown: step.kind != .secret)
    }

    /// What a terminal would obey is left out.
    private static func clean(_ text: String) -> String {
        String(decoding: text.utf8.filter { $0 >= 0x20 && $0 != 0x7f }, as: UTF8.self)
    }
}
