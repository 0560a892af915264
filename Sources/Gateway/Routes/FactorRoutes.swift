import Authority
import AuthorityAPI
import Names
import SSHFormats

extension Routes {
    func stepUp(_ call: Call) async throws -> Answer {
        let request = try call.message(StepUpRequest.self)
        let factors = try request.factors.prefix(8).map { try Field.choice("factors", $0, of: Factor.self) }
        let (state, ask) = try authority.stepUp.start(factors, by: try call.requester)
        return .json(
            SignInReply(conversation: state, steps: ask.map { SignInStep($0, instead: nil) }, session: nil))
    }

    func stepUpAnswer(_ call: Call) async throws -> Answer {
        let request = try call.message(SignInAnswer.self)
        let requester = try call.requester
        let once = try await whoami(call, requester)
        let outcome = try await authority.stepUp.answer(
            state: request.conversation, try ShownFactors(request.answers), by: requester, once: once)
        return Answer(outcome, once)
    }

    func recoveryCodes(_ call: Call) async throws -> Answer {
        if !call.body.isEmpty { _ = try call.message(NothingMore.self) }
        let once = call.once { (codes: [Secret<String>]) in
            RecoveryCodesReply(codes: codes.map { $0.withExposed { $0 } })
        }
        return Answer(try await authority.recoveryCodes.renew(by: try call.requester, once: once), once)
    }

    func totp(_ call: Call) async throws -> Answer {
        if !call.body.isEmpty { _ = try call.message(NothingMore.self) }
        let requester = try call.requester
        let (secret, state) = try await authority.newAuthenticator.begin(by: requester)
        let (base32, address) = EnrolmentNeeds.otpauth(
            secret, account: requester.identity.id, issuer: authority.origin)
        return .json(NewTOTPReply(totpSecret: base32, otpauth: address, enrolment: state))
    }

    func totpFinish(_ call: Call) async throws -> Answer {
        let request = try call.message(NewTOTPRequest.self)
        let requester = try call.requester
        let once = try await whoami(call, requester)
        let outcome = try await authority.newAuthenticator.finish(
            state: request.enrolment, code: request.totp, by: requester, once: once)
        return Answer(outcome, once)
    }

    /// Answers with what the requester now is.
    private func whoami(_ call: Call, _ requester: Requester) async throws -> Once<Session> {
        let (_, policy) = try await authority.policies.current()
        let sessions = authority.sessions
        return call.once { (session: Session) in
            WhoAmI(session, of: Subject(requester), policy, sessions)
        }
    }
}

extension ShownFactors {
    /// Every answer is to a question that can be asked.
    init(_ answers: [String: String]) throws(DoorError) {
        var rest = answers
        let password = rest.removeValue(forKey: "password")
        self.init(
            password: password.map { Array($0.utf8) }, code: rest.removeValue(forKey: "totp"),
            recoveryCode: rest.removeValue(forKey: "recovery"))
        guard rest.isEmpty else { throw .badRequest("answers: password, totp, recovery") }
    }
}
