import AuthorityAPI
import AuthorityClient
import Names
import Posix

/// Shows factors again when the authority asks for it in the middle of something.
struct StepUp {
    let prompter: Prompter

    /// Somebody at the terminal, or the answers that `REEVE_ANSWERS_FILE` names; nil where nobody can answer.
    init?() throws {
        if let path = Environment.value("REEVE_ANSWERS_FILE") {
            let secret = try Environment.value("REEVE_TOTP_SECRET_FILE").flatMap(AnswerOptions.secret(in:))
            prompter = Prompter(try AnswerOptions.answers(in: path), totp: secret)
            return
        }
        guard Terminal() != nil else { return nil }
        prompter = Prompter(.none)
    }

    /// Goes on with the sign-in conversation of this session.
    func show(_ factors: [String], _ connection: AuthorityConnection) async throws {
        let (reply, _) = try await connection.call(
            .stepUp, body: StepUpRequest(factors: factors), as: SignInReply.self)
        _ = try await SignIn(prompter: prompter).goOn(reply, .stepUpAnswer, connection)
    }
}

extension ClientError {
    /// What to show so that the refused call would be let through; nil where that would not help.
    var factorsToShow: [String]? {
        guard case .refused(let problem) = self, let factors = problem.factors, !factors.isEmpty,
            problem.code == "factor-required" || problem.code == "factor-too-old"
        else { return nil }
        return factors
    }
}
