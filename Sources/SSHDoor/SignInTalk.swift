import AuthorityAPI
import AuthorityClient

/// The sign-in conversation of the authority with whoever is at the other end of a dialogue.
struct SignInTalk {
    enum Ending: Sendable {
        case signedIn(SessionReply)
        /// The authority says no.
        case refused(Problem)
        /// The person is gone, or answers what was not asked.
        case left
        /// The authority cannot be asked, or asks for what cannot be done here; one sentence for the person.
        case failed(String)
    }

    let connection: AuthorityConnection
    let dialogue: any Dialogue
    var signer: AgentSigner?

    /// Talks to the end. A name that nobody has is talked with like any other.
    ///
    /// - Parameter name: `NAME`, or `NAME/WAY` for another way to sign in than the authority's first.
    func run(_ name: String) async -> Ending {
        let parts = name.utf8.split(
            separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false
        )
        .map { String(decoding: $0, as: UTF8.self) }
        let request = SignInRequest(name: parts.first ?? "", with: parts.dropFirst().first)
        let first: SignInReply
        do throws(ClientError) {
            first = try await connection.call(.signIn, body: request, as: SignInReply.self).0
        } catch {
            return Ending(StepTalk.Ending(error))
        }
        return Ending(
            await StepTalk(connection: connection, dialogue: dialogue, signer: signer, route: .signInAnswer)
                .goOn(first))
    }
}

extension SignInTalk.Ending {
    fileprivate init(_ ending: StepTalk.Ending) {
        self =
            switch ending {
            case .done(let reply):
                reply.session.map { .signedIn($0) }
                    ?? .failed("the authority ended the sign-in without a word")
            case .refused(let problem): .refused(problem)
            case .skipped, .left: .left
            case .failed(let sentence): .failed("\(sentence): try again, or another way")
            }
    }
}

extension Problem {
    /// What was wrong, where there is more to say than what to do next.
    var sentence: String { detail.map { "\($0). \(title)" } ?? title }
}
