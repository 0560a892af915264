import Authority
import AuthorityAPI
import Names
import SSHFormats

extension Routes {
    func signIn(_ call: Call) async throws -> Answer {
        let request = try call.message(SignInRequest.self)
        // The door's key would become that of the new device.
        guard !call.isThroughDoor || !SignInWay.isRecovery(request.with) else {
            throw AuthorityError.refused(.recoveryNotGranted, "not through the front door")
        }
        let (state, ask) = try await authority.signIn.start(
            name: request.name, with: request.with, key: try call.key, source: call.source)
        return .json(SignInReply(state, ask))
    }

    func signInAnswer(_ call: Call) async throws -> Answer {
        let request = try call.message(SignInAnswer.self)
        guard !call.isThroughDoor || request.answers[Factor.recovery.rawValue] == nil else {
            throw AuthorityError.refused(.recoveryNotGranted, "not through the front door")
        }
        let (_, policy) = try await authority.policies.current()
        let sessions = authority.sessions
        let once = call.once { (reached: SignInConversation.Reached) in
            switch reached {
            case .more(let state, let ask): SignInReply(state, ask)
            case .done(let new):
                SignInReply(conversation: nil, steps: [], session: SessionReply(new, policy, sessions))
            }
        }
        let outcome = try await authority.signIn.answer(
            state: request.conversation, request.answers, key: try call.key, source: call.source,
            requestID: call.requestID, once: once)
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

extension SignInReply {
    /// What is asked for next.
    init(_ state: String, _ ask: [Prompt]) {
        self.init(conversation: state, steps: ask.map(SignInStep.init), session: nil)
    }
}

extension SignInStep {
    fileprivate init(_ prompt: Prompt) {
        self.init(
            kind: Kind(prompt.kind), name: prompt.name, prompt: prompt.text, instead: prompt.instead,
            url: prompt.url, code: prompt.code, choices: prompt.choices.isEmpty ? nil : prompt.choices,
            seconds: prompt.seconds.map { UInt64($0) })
    }
}

extension SignInStep.Kind {
    fileprivate init(_ kind: Prompt.Kind) {
        self =
            switch kind {
            case .text: .text
            case .secret: .secret
            case .choose: .choose
            case .openURL: .openURL
            case .webauthn: .webauthn
            case .wait: .wait
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
