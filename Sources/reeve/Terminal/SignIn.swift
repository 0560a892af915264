import AuthorityAPI
import AuthorityClient
import Names
import Posix

/// The sign-in conversation, from this side: answers steps until there is a session.
struct SignIn {
    let prompter: Prompter
    /// Whether a recovery code is shown where one is taken.
    var withRecoveryCode = false

    /// - Throws: ``Fault`` or ``ClientError``; a step that cannot be answered in a terminal ends it.
    func session(of name: String, _ connection: AuthorityConnection) async throws -> SessionReply {
        var (reply, _) = try await connection.call(
            .signIn, body: SignInRequest(name: name), as: SignInReply.self)
        while true {
            if let session = reply.session { return session }
            guard let conversation = reply.conversation, !reply.steps.isEmpty else {
                throw ClientError.badReply("the sign-in ended without a session and without a reason")
            }
            let answer = SignInAnswer(conversation: conversation, answers: try answers(to: reply.steps))
            (reply, _) = try await connection.call(.signInAnswer, body: answer, as: SignInReply.self)
        }
    }

    func answers(to steps: [SignInStep]) throws -> [String: String] {
        var answers: [String: String] = [:]
        for step in steps {
            if withRecoveryCode, let other = step.instead {
                answers[other] = try prompter.hidden(other, "Recovery code").withExposed { $0 }
            } else {
                answers[step.name] = try answer(step).withExposed { $0 }
            }
        }
        return answers
    }

    private func answer(_ step: SignInStep) throws -> Secret<String> {
        let prompt = String(decoding: step.prompt.utf8.filter { $0 >= 0x20 && $0 != 0x7f }, as: UTF8.self)
        switch step.kind {
        case .secret: return try prompter.hidden(step.name, prompt)
        case .text, .choose: return try prompter.shown(step.name, prompt)
        case .openURL, .webauthn, .wait:
            throw Fault(
                .needsSignIn, "the authority asks for \(step.name), which this reeve cannot answer",
                next: "Sign in with another factor, or use a newer reeve.")
        }
    }
}

extension StateFolder {
    /// Runs the conversation and keeps the session.
    func signIn(
        _ name: String?, _ prompter: Prompter, withRecoveryCode: Bool = false
    ) async throws -> WhoAmI {
        let device = try device()
        return try await connected(device) { connection in
            let session = try await SignIn(
                prompter: prompter, withRecoveryCode: withRecoveryCode
            ).session(
                of: name ?? device.identity, connection)
            try write(SessionRecord(session), to: SessionRecord.file)
            // The session is there; without an answer the servers known so far stay.
            if let (told, _) = try? await connection.call(.authority, as: AuthorityInfo.self) {
                try learnServers(told)
            }
            return session.whoami
        }
    }
}
