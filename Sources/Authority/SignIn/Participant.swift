package import Names
package import SSHFormats

/// A factor that is proven elsewhere, by an identity provider, a PAM stack, another device: it takes part in the one sign-in
/// conversation, for as many turns as it needs.
package protocol Participant: Sendable {
    /// As ways to sign in name it: `pam`, `oidc:corp`.
    var name: String { get }
    var factor: Factor { get }
    /// Whether somebody could guess: each begin is then counted against the account, as a password is.
    var canBeGuessed: Bool { get }

    /// What to ask first, or to wait for. The same for known and unknown names; proves nothing yet.
    func begin(_ about: ConversationFacts) async throws(AuthorityError) -> Asked

    /// The turn after these answers; nothing of them is checked yet. `memory` is as the last turn gave it.
    ///
    /// - Throws: `.refused(.conversationOver)` for what this process does not know how to go on with.
    func answer(
        _ answers: [String: String], memory: [UInt8], _ about: ConversationFacts
    ) async throws(AuthorityError) -> Turn
}

/// What a participant may know of the conversation.
package struct ConversationFacts: Sendable {
    /// Random, 32 hexadecimal digits.
    package let id: String
    /// As it was typed; may be empty where the factor itself says who it is.
    package let name: String
    /// Nil for names that are unknown, locked or suspended, and after another factor failed: do the same work, prove
    /// nobody.
    package let person: Identity?
    /// What the session will be bound to.
    package let key: Fingerprint
    /// Numeric address.
    package let source: String
    package let startedAt: UnixTime
    /// The recovery code that was shown, as it is stored.
    let code: [UInt8]?
    /// Whether nothing is asked for after this factor. Before others, time must not tell whether it was right.
    package let isLast: Bool
    /// Whether nothing but this factor is asked for.
    package let isAlone: Bool
    /// Whose session goes on; nil where somebody signs in.
    package let session: IdentityID?
    /// Whether a session of this person is gone on with: they may hear of what is theirs.
    package var isSignedIn: Bool { session != nil }

    package init(
        id: String, name: String, person: Identity?, key: Fingerprint, source: String, startedAt: UnixTime,
        code: [UInt8]? = nil, isLast: Bool = true, isAlone: Bool = false,
        session: IdentityID? = nil
    ) {
        self.id = id
        self.name = name
        self.person = person
        self.key = key
        self.source = source
        self.startedAt = startedAt
        self.code = code
        self.isLast = isLast
        self.isAlone = isAlone
        self.session = session
    }
}

/// What a participant says.
package enum Turn: Sendable {
    case ask(Asked)
    /// The facts are kept with what comes of it, or not at all.
    case proven(IdentityID, facts: [Fact])
    /// Somebody vouched for them, or a recovery code does: everything is set anew.
    case recovered(RecoveryPlan)
    /// They proved to be this person, but something keeps them out. They are told once all factors are proven: before
    /// that it would say that this one was right.
    case barred(IdentityID, Refusal)
    /// Only the ledger learns the reason.
    case failed(reason: String)
}

/// What to ask in one turn; all of it is answered at once.
package struct Asked: Sendable {
    package let prompts: [Prompt]
    /// Travels sealed with the caller, 4,096 bytes at most.
    package let memory: [UInt8]

    package init(_ prompts: [Prompt], memory: [UInt8]) {
        self.prompts = prompts
        self.memory = memory
    }
}

/// One thing to ask, show or wait for.
package struct Prompt: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable { case text, secret, choose, openURL, webauthn, wait }

    package let kind: Kind
    /// Names the answer.
    package let name: String
    package let text: String
    /// Another answer that is taken in its place.
    package var instead: String?
    /// To open in a browser.
    package var url: String?
    /// To compare, or to type elsewhere.
    package var code: String?
    /// What may be chosen; or, for a security key, the request in JSON.
    package var choices: [String] = []
    /// Seconds to wait before answering.
    package var seconds: Int?

    package init(_ kind: Kind, _ name: String, _ text: String) {
        self.kind = kind
        self.name = name
        self.text = text
    }

    package static let password = Prompt(.secret, "password", "Password")
    package static let totp = Prompt(.text, "totp", "Code from the authenticator app")

    /// The authenticator's code, or a recovery code in its place.
    package static let totpOrRecovery: Prompt = {
        var prompt = totp
        prompt.instead = "recovery"
        return prompt
    }()
}
