import AuthorityAPI
import AuthorityClient
import Names
import Posix

/// The sign-in conversation, from this side: answers steps until there is a session.
struct SignIn {
    let prompter: Prompter
    /// Whether a recovery code is shown where one is taken.
    var withRecoveryCode = false
    /// Which of the authority's ways to sign in; its usual one where nil.
    var way: String?
    /// The ssh key to sign with where one is asked for; the agent's only one where nil.
    var sshKey: String?
    /// Whether a browser elsewhere does what is to be done in one.
    var isHeadless = Machine.isRemote
    /// What is answered where everything is set anew.
    var fresh: FreshStart?
    private let browser = BrowserSignIn()

    /// - Throws: ``Fault`` or ``ClientError``; a step that cannot be answered in a terminal ends it.
    func session(of name: String, _ connection: AuthorityConnection) async throws -> SessionReply {
        let (first, _) = try await connection.call(
            .signIn, body: SignInRequest(name: name, with: way), as: SignInReply.self)
        let last = try await goOn(first, .signInAnswer, connection)
        guard let session = last.session else {
            throw ClientError.badReply("the sign-in ended without a session and without a reason")
        }
        return session
    }

    /// Answers until there is nothing more to answer.
    func goOn(
        _ first: SignInReply, _ route: Route, _ connection: AuthorityConnection
    ) async throws -> SignInReply {
        var reply = first
        while !reply.steps.isEmpty {
            guard let conversation = reply.conversation else {
                throw ClientError.badReply("steps without a conversation")
            }
            let answer = SignInAnswer(
                conversation: conversation, answers: try await answers(to: reply.steps, connection))
            do {
                reply = try await send(answer, route, connection)
            } catch let error as ClientError {
                guard let fresh, fresh.mayBeAnsweredAgain(error, reply.steps) else { throw error }
                Output.note(Fault(error).text)
                continue
            }
            if reply.steps.contains(where: { $0.kind == .wait && $0.name == "recovery" }) {
                try fresh?.remember(reply.conversation)
            }
        }
        return reply
    }

    /// Again, and later, where it came too soon.
    private func send(
        _ answer: SignInAnswer, _ route: Route, _ connection: AuthorityConnection
    ) async throws -> SignInReply {
        while true {
            do { return try await connection.call(route, body: answer, as: SignInReply.self).0 } catch {
                guard error.comesTooSoon else { throw error }
                try await Task.sleep(for: .seconds(5), clock: .continuous)
            }
        }
    }

    private func answers(
        to steps: [SignInStep], _ connection: AuthorityConnection
    ) async throws -> [String: String] {
        var answers: [String: String] = [:]
        for step in steps {
            if step.instead == SignInStep.headless {
                guard isHeadless else {
                    answers[step.name] = try await answer(step, connection)
                    continue
                }
                answers[SignInStep.headless] = Machine.client
            } else if withRecoveryCode, let other = step.instead {
                answers[other] = try prompter.hidden(other, "Recovery code").withExposed { $0 }
            } else if step.kind == .openURL, let url = step.url {
                answers.merge(try await browser.answers(to: url)) { _, brought in brought }
            } else {
                answers[step.name] = try await answer(step, connection)
            }
        }
        return answers
    }

    private func answer(_ step: SignInStep, _ connection: AuthorityConnection) async throws -> String {
        let lines = step.prompt.split(separator: "\n").map { Screen.plain(String($0)) }
        let prompt = lines.joined(separator: "\n")
        if let answer = try fresh?.answer(step) { return answer }
        if step.name == SSHKeyRequest.step, let text = step.code, !prompter.isGiven(step.name) {
            return try SSHKeySigner(name: sshKey).signIn(
                text, for: connection.publicKey, named: step.choices ?? [])
        }
        switch step.kind {
        case .secret: return try prompter.hidden(step.name, prompt).withExposed { $0 }
        case .text where step.name == "redirect":
            return try await browser.redirect(ports: step.choices ?? [], at: step.url ?? "")
        case .text: return try prompter.shown(step.name, prompt).withExposed { $0 }
        case .choose:
            let choices = (step.choices ?? []).map(Screen.plain).joined(separator: ", ")
            return try prompter.shown(step.name, "\(prompt) (\(choices))").withExposed { $0 }
        case .wait:
            let shown = step.code.map { "\(prompt): \(Screen.plain($0))" } ?? prompt
            let page = try step.url.map(Page.init)
            try await Waiting.shared.wait(shown, page: page, opens: !isHeadless, seconds: step.seconds)
            return ""
        case .openURL, .webauthn:
            throw Fault(
                .needsSignIn, "the authority asks for \(step.name), which this reeve cannot answer",
                next: "Sign in with another factor, or use a newer reeve.")
        }
    }
}

/// Waits for something that happens elsewhere, and says once what for.
actor Waiting {
    static let shared = Waiting()
    private var said: String?

    /// - Parameters:
    ///   - page: Where it happens, if that is in a browser.
    ///   - opens: Whether a browser of this machine may be it.
    ///   - seconds: One where nil, ten at most.
    func wait(
        _ prompt: String, page: Page? = nil, opens: Bool = true, seconds: UInt64?
    ) async throws {
        let all = prompt + (page?.url ?? "")
        if said != all {
            StandardError.write("\(prompt)\n")
            page?.show(opens: opens)
        }
        said = all
        try await Task.sleep(for: .seconds(min(seconds ?? 1, 10)))
    }
}

extension StateFolder {
    /// Runs the conversation and keeps the session.
    func signIn(
        _ name: String?, _ signIn: SignIn
    ) async throws -> WhoAmI {
        let device = try device()
        return try await connected(device) { connection in
            let session = try await signIn.session(of: name ?? device.identity, connection)
            try write(SessionRecord(session), to: SessionRecord.file)
            // The session is there; without an answer the servers known so far stay.
            if let (told, _) = try? await connection.call(.authority, as: AuthorityInfo.self) {
                try learnServers(told)
            }
            return session.whoami
        }
    }
}
