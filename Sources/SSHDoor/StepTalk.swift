import AuthorityAPI
import AuthorityClient
import Posix

/// A conversation of the authority, passed on step by step to whoever is at the other end of a dialogue.
struct StepTalk {
    enum Ending: Sendable {
        /// Nothing more is asked.
        case done(SignInReply)
        /// The authority says no.
        case refused(Problem)
        /// The person answered nothing to what may be left out.
        case skipped
        /// The person is gone, or answers what was not asked.
        case left
        /// The authority cannot be asked, or asks for what cannot be done here; one sentence for the person.
        case failed(String)
    }

    /// Rounds of one conversation; each that only waits takes a second at least.
    private static let mostRounds = 512
    /// Longest answer of a person, in bytes.
    private static let longestAnswer = 4096
    /// As the page of single sign-on shows it.
    private static let client = "ssh (the front door)"

    let connection: AuthorityConnection
    /// Nobody can be asked where nil.
    let dialogue: (any Dialogue)?
    let signer: AgentSigner?
    /// Where the answers go.
    let route: Route
    /// When nothing is waited for any more.
    var deadline = Deadline.never

    /// Answers until nothing more is asked.
    ///
    /// - Parameter offer: Shown before the first questions, which may then be left out by empty answers.
    func goOn(_ first: SignInReply, offer: String? = nil) async -> Ending {
        var reply = first
        var shown = ""
        var offer = offer
        do throws(StopTalking) {
            for _ in 0..<StepTalk.mostRounds {
                guard !reply.steps.isEmpty else { return .done(reply) }
                guard let conversation = reply.conversation else {
                    return .failed("the authority ended the conversation without a word")
                }
                let answers = try await answers(to: reply.steps, offer, &shown)
                offer = nil
                reply = try await send(SignInAnswer(conversation: conversation, answers: answers))
            }
            return .failed("the conversation does not come to an end")
        } catch {
            return error.ending
        }
    }

    private struct StopTalking: Error {
        let ending: Ending

        init(_ ending: Ending) { self.ending = ending }
    }

    /// Again, and later, where it came too soon.
    private func send(_ answer: SignInAnswer) async throws(StopTalking) -> SignInReply {
        do throws(ClientError) {
            do throws(ClientError) {
                return try await connection.call(route, body: answer, as: SignInReply.self).0
            } catch {
                guard error.comesTooSoon else { throw error }
                try? await Task.sleep(for: .seconds(5), clock: .continuous)
                return try await connection.call(route, body: answer, as: SignInReply.self).0
            }
        } catch {
            throw StopTalking(Ending(error))
        }
    }

    /// Everything that can be typed is asked for at once; what is to be done elsewhere is shown once, and looked after.
    private func answers(
        to steps: [SignInStep], _ offer: String?, _ shown: inout String
    ) async throws(StopTalking) -> [String: String] {
        guard !steps.contains(where: { $0.kind == .webauthn }) else {
            throw StopTalking(.failed("the authority asks for a security key here, which ssh cannot reach"))
        }
        var answers: [String: String] = [:]
        for step in steps where step.isSigned { answers[step.name] = try signature(step) }
        // The browser is at the person's machine, and nothing of this one is: not a question to them.
        for step in steps where step.instead == SignInStep.headless {
            answers[SignInStep.headless] = StepTalk.client
        }
        let left = steps.filter { !$0.isSigned && $0.instead != SignInStep.headless }
        let typed = left.filter { $0.kind != .openURL && $0.kind != .wait }
        let elsewhere = left.filter { $0.kind == .openURL || $0.kind == .wait }
        let given = try await given(typed, offer, elsewhere, &shown)
        for (step, answer) in zip(typed, given) { answers[step.name] = answer }
        for step in elsewhere { answers[step.name] = "" }
        if typed.isEmpty, !elsewhere.isEmpty {
            guard MonotonicClock.now() < deadline.nanoseconds else {
                throw StopTalking(.failed("it took too long"))
            }
            let seconds: UInt64 = elsewhere.compactMap(\.seconds).min() ?? 1
            try? await Task.sleep(for: .seconds(Int64(min(max(seconds, 1), 10))), clock: .continuous)
        }
        return answers
    }

    /// What the person types, after they have seen what is to be done elsewhere.
    private func given(
        _ steps: [SignInStep], _ offer: String?, _ elsewhere: [SignInStep], _ shown: inout String
    ) async throws(StopTalking) -> [String] {
        let text = elsewhere.map(\.doorText).joined(separator: "\n")
        defer { shown = text }
        guard !steps.isEmpty || !text.isEmpty && text != shown else { return [] }
        guard let dialogue else { throw StopTalking(.failed("there is nobody to ask")) }
        let above = [offer, text].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: "\n")
        guard let given = await dialogue.ask(above, steps.map(\.doorPrompt)), given.count == steps.count,
            given.allSatisfy({ $0.utf8.count <= Self.longestAnswer })
        else { throw StopTalking(.left) }
        if offer != nil, !given.isEmpty, given.allSatisfy(\.isEmpty) { throw StopTalking(.skipped) }
        return given
    }

    private func signature(_ step: SignInStep) throws(StopTalking) -> String {
        guard let signer else {
            throw StopTalking(
                .failed("the authority asks for a signature by an ssh key, which cannot be had here"))
        }
        do throws(DoorFault) {
            return try signer.signature(
                of: step.code ?? "", for: connection.publicKey, named: step.choices ?? [])
        } catch {
            throw StopTalking(.failed("\(error)"))
        }
    }
}

extension StepTalk.Ending {
    init(_ error: ClientError) {
        guard case .refused(let problem) = error else {
            self = .failed("the authority cannot be asked now")
            return
        }
        self = .refused(problem)
    }
}

extension SignInStep {
    /// Whether an ssh key answers it.
    fileprivate var isSigned: Bool { kind == .text && name == SSHKeyRequest.step }

    /// What is to be done elsewhere: the prompt, an address to open, and a code to compare or type there.
    fileprivate var doorText: String {
        ([prompt] + [url, code.map { "Code: \($0)" }].compactMap(\.self)).map(Self.clean)
            .joined(separator: "\n")
    }

    fileprivate var doorPrompt: DialoguePrompt {
        let choices = choices.map { " (\($0.joined(separator: ", ")))" } ?? ""
        return DialoguePrompt(Self.clean(prompt + choices), isShown: kind != .secret)
    }

    /// What a terminal would obey is left out.
    private static func clean(_ text: String) -> String {
        String(decoding: text.utf8.filter { $0 >= 0x20 && $0 != 0x7f }, as: UTF8.self)
    }
}
