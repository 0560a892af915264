import Authority
import AuthorityAPI
import Names
import SSHFormats

extension Routes {
    func signIn(_ call: Call) throws -> Answer {
        let request = try call.message(SignInRequest.self)
        let (state, ask) = try authority.signIn.start(name: request.name, key: try call.key)
        return .json(
            SignInReply(
                conversation: state,
                steps: ask.map { SignInStep($0, instead: $0 == .totp ? "recovery" : nil) },
                session: nil))
    }

    func signInAnswer(_ call: Call) async throws -> Answer {
        let request = try call.message(SignInAnswer.self)
        let (_, policy) = try await authority.policies.current()
        let sessions = authority.sessions
        let once = call.once { (new: NewSession) in
            SignInReply(conversation: nil, steps: [], session: SessionReply(new, policy, sessions))
        }
        let outcome = try await authority.signIn.answer(
            state: request.conversation, try ShownFactors(request.answers), key: try call.key,
            source: call.source, requestID: call.requestID, once: once)
        return Answer(outcome, once)
    }

    func session(_ call: Call) async throws -> Answer {
        let requester = try call.requester
        guard let session = requester.session else { throw DoorError.noProof }
        let (_, policy) = try await authority.policies.current()
        let notices = try await authority.notices.about(requester.identity.id)
        let left = try await authority.recoveryCodes.left(of: requester.identity.id)
        return .json(
            WhoAmI(
                session, of: Subject(requester), policy, authority.sessions,
                notices: notices.map(AccountNotice.init), codesLeft: left))
    }

    func signOut(_ call: Call) async throws -> Answer {
        if !call.body.isEmpty { _ = try call.message(NothingMore.self) }
        let once = call.once { (_: Bool) in NothingMore() }
        return Answer(try await authority.sessions.end(try call.requester, once: once), once)
    }
}

/// Nothing more to say: `{}`.
struct NothingMore: Codable {
    init() {}

    /// An object without fields: any field is one too many.
    init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: NoKeys.self) }
    func encode(to encoder: any Encoder) throws { _ = encoder.container(keyedBy: NoKeys.self) }

    private enum NoKeys: CodingKey {}
}

extension SignInStep {
    init(_ prompt: SignInConversation.Prompt, instead: String?) {
        switch prompt {
        case .password: self.init(kind: .secret, name: "password", prompt: "Password", instead: instead)
        case .totp:
            self.init(kind: .text, name: "totp", prompt: "Code from the authenticator app", instead: instead)
        }
    }
}

extension SessionReply {
    /// The one time that the token leaves the house.
    init(_ new: NewSession, _ policy: Policy, _ sessions: Sessions) {
        let person = Identity(id: new.session.identity, owner: nil, createdAt: new.session.startedAt)
        self.init(
            token: new.token.withExposed { $0 },
            whoami: WhoAmI(new.session, of: Subject(identity: person), policy, sessions),
            recoveryCodes: new.recoveryCodes.isEmpty
                ? nil : new.recoveryCodes.map { $0.withExposed { $0 } })
    }
}

extension WhoAmI {
    init(
        _ session: Session, of subject: Subject, _ policy: Policy, _ sessions: Sessions,
        notices: [AccountNotice]? = nil, codesLeft: Int? = nil
    ) {
        self.init(
            identity: session.identity.description, device: session.device?.description,
            sessionID: session.id,
            factors: Dictionary(
                uniqueKeysWithValues: session.factors.map { ($0.key.rawValue, $0.value.seconds) }),
            roles: policy.authorityRoles(of: subject).map(\.rawValue).sorted(),
            signedInAt: session.startedAt.seconds, notAfter: sessions.notAfter(session).seconds,
            limited: session.isLimited ? true : nil,
            notices: notices, recoveryCodesLeft: codesLeft.map { UInt64($0) })
    }
}

extension AccountNotice {
    fileprivate init(_ notice: Notice) {
        self.init(
            kind: notice.kind.rawValue, text: notice.sentence, at: notice.at.seconds, source: notice.source)
    }
}
