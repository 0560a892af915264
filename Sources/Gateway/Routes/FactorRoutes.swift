import Authority
import AuthorityAPI
import Names
import SSHFormats

extension Routes {
    func stepUp(_ call: Call) async throws -> Answer {
        let request = try call.message(StepUpRequest.self)
        let (state, ask) = try await authority.stepUp.start(request.factors, by: try call.requester)
        return .json(SignInReply(state, ask))
    }

    func stepUpAnswer(_ call: Call) async throws -> Answer {
        let request = try call.message(SignInAnswer.self)
        let requester = try call.requester
        let whoami = try await whoami(requester)
        let once = call.once { (reached: StepUp.Reached) in
            switch reached {
            case .more(let state, let ask): SignInReply(state, ask)
            case .done(let session):
                SignInReply(conversation: nil, steps: [], session: nil, whoami: whoami(session))
            }
        }
        let outcome = try await authority.stepUp.answer(
            state: request.conversation, request.answers, by: requester, once: once)
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
        let once = call.once(try await whoami(requester))
        let outcome = try await authority.newAuthenticator.finish(
            state: request.enrolment, code: request.totp, by: requester, once: once)
        return Answer(outcome, once)
    }

    func password(_ call: Call) async throws -> Answer {
        let request = try call.message(NewPasswordRequest.self)
        let once = call.once { (ended: [String]) in SessionsEndReply(ended: ended) }
        let outcome = try await authority.newPassword.set(
            Secret(Array(request.password.utf8)), request.endOthers == true ? .end : .keep,
            by: try call.requester, once: once)
        return Answer(outcome, once)
    }

    func sshKeyAdd(_ call: Call) async throws -> Answer {
        let request = try call.message(SSHKeyRequest.self)
        let once = call.once { (key: PublicKey) in SSHKeyReply(fingerprint: key.fingerprint.description) }
        return Answer(
            try await authority.sshKeys.add(request.signature, by: try call.requester, once: once), once)
    }

    func pendingSignIns(_ call: Call) async throws -> Answer {
        let pending = try await authority.pendingSignIns.list(by: try call.requester)
        return .json(
            PendingSignInsReply(
                pending: pending.map {
                    PendingSignInsReply.Pending(
                        id: $0.id, source: $0.source, key: $0.key.description, askedAt: $0.askedAt.seconds,
                        recovery: $0.purpose == .recovery ? true : nil)
                }))
    }

    func signInDecide(_ call: Call) async throws -> Answer {
        let request = try call.message(SignInDecision.self)
        let id = try Field.handle("id", request.id)
        let once = call.once { (decision: PendingSignIn.Decision) in
            SignInDecided(decision: decision.rawValue)
        }
        let desk = authority.pendingSignIns
        let requester = try call.requester
        guard let number = request.number else {
            return Answer(try await desk.deny(id, by: requester, once: once), once)
        }
        let purpose: PendingSignIn.Purpose = request.recovery == true ? .recovery : .signIn
        return Answer(try await desk.approve(id, purpose, number: number, by: requester, once: once), once)
    }

    /// Says what the requester now is.
    private func whoami(_ requester: Requester) async throws -> @Sendable (Session) -> WhoAmI {
        let (_, policy) = try await authority.policies.current()
        let sessions = authority.sessions
        return { session in WhoAmI(session, of: Subject(requester), policy, sessions) }
    }
}
