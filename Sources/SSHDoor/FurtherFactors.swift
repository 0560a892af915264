import AuthorityAPI
import AuthorityClient
import Posix

/// Goes on with the sign-in conversation of a visitor for what grants with `door: true` ask for beyond their session.
///
/// None of it must be: each factor may be left out, and then what it is for is left out alone. Factor by factor, so that who
/// wants one grant need not show what another asks for.
struct FurtherFactors {
    /// By what a visitor can sign here.
    enum Signing {
        case never
        /// Their agent can be reached once they are in.
        case later
        case now(AgentSigner)
    }

    enum Ending: Hashable, Sendable {
        /// Whether the session has more than before.
        case over(isMore: Bool)
        /// The person is gone.
        case left
    }

    /// Answers of one visit that the authority may refuse, as many as OpenSSH's client asks for by itself.
    private static let mostRefusals = 3
    /// Milliseconds for all of it; what is waited for then is left out. Shorter than the doorman waits by himself.
    private static let patience: UInt64 = 240_000

    let visitor: Visitor
    /// Nobody can be asked where nil.
    let dialogue: (any Dialogue)?
    let signing: Signing
    /// Hears of each refusal.
    var refused: () -> Void = {}
    /// Takes sentences where nobody can be asked.
    var note: (String) -> Void = { _ in }

    /// Whether it may help this visitor to come this way.
    func mayOpen(_ way: DoorWay) -> Bool {
        guard way.isOffered, !way.factors.isEmpty else { return false }
        let isHere = way.factors.contains { canShow($0) }
        return isHere && way.factors.allSatisfy { canShow($0) || isForLater($0) }
    }

    /// Asks for what these ways ask for.
    func show(for ways: [DoorWay]) async -> Ending {
        let wanted = ways.filter(mayOpen)
        let factors = Set(wanted.flatMap(\.factors)).filter(canShow).sorted(by: Self.isEarlier)
        var leftOut: Set<String> = []
        var state = State(deadline: .after(milliseconds: Self.patience))
        for factor in factors {
            let grants = wanted.filter { $0.factors.contains(factor) && leftOut.isDisjoint(with: $0.factors) }
                .map(\.grant)
            guard !grants.isEmpty else { continue }
            switch await show(factor, for: Self.distinct(grants), &state) {
            case .shown: state.isMore = true
            case .leftOut: leftOut.insert(factor)
            case .left: return .left
            }
        }
        return await say(&state) ? .over(isMore: state.isMore) : .left
    }

    private struct State {
        let deadline: Deadline
        var refusals = 0
        var isMore = false
        /// What the person has not been told yet.
        var words: [String] = []

        mutating func taken() -> [String] {
            defer { words = [] }
            return words
        }
    }

    private enum Outcome { case shown, leftOut, left }

    /// Until it is shown or left out.
    private func show(_ factor: String, for grants: [String], _ state: inout State) async -> Outcome {
        while state.refusals < Self.mostRefusals {
            let offer = (state.taken() + [Self.offer(factor, grants)]).joined(separator: "\n")
            let isTyped = Self.typed.contains(factor)
            if !isTyped, factor != SSHKeyRequest.step, let dialogue {
                // To begin may already count as a try, or ring somebody's telephone.
                let prompt = DialoguePrompt("Type yes to show \(factor) now", isShown: true)
                guard let answers = await dialogue.ask(offer, [prompt]), let answer = answers.first else {
                    return .left
                }
                guard ["yes", "y"].contains(answer.lowercased()) else { return .leftOut }
            }
            switch await talk(factor, offer: isTyped ? offer : nil, state.deadline) {
            case .done: return .shown
            case .skipped: return .leftOut
            case .left: return .left
            case .failed(let sentence):
                state.words.append("Without \(factor), then: \(sentence).")
                return .leftOut
            case .refused(let problem) where problem.code == "sign-in-failed":
                refused()
                state.refusals += 1
                state.words.append("\(factor) was refused.")
                guard dialogue != nil, factor != SSHKeyRequest.step else { return .leftOut }
            case .refused(let problem) where problem.code == "bad-request":
                state.words.append("Without \(factor), then: this authority does not ask for it.")
                return .leftOut
            case .refused(let problem):
                state.words.append("Without \(factor), then (\(problem.code)): \(problem.title)")
                return .leftOut
            }
        }
        state.words.append("Without \(factor), then: too many answers were refused.")
        return .leftOut
    }

    private func talk(_ factor: String, offer: String?, _ deadline: Deadline) async -> StepTalk.Ending {
        var signer: AgentSigner?
        if case .now(let own) = signing { signer = own }
        let talk = StepTalk(
            connection: visitor.connection, dialogue: dialogue, signer: signer, route: .stepUpAnswer,
            deadline: deadline)
        let first: SignInReply
        do throws(ClientError) {
            first = try await visitor.connection.call(
                .stepUp, body: StepUpRequest(factors: [factor]), as: SignInReply.self
            ).0
        } catch {
            return StepTalk.Ending(error)
        }
        return await talk.goOn(first, offer: offer)
    }

    /// - Returns: Whether the person is still there.
    private func say(_ state: inout State) async -> Bool {
        let words = state.taken()
        guard !words.isEmpty else { return true }
        guard let dialogue else {
            for word in words { note(word) }
            return true
        }
        return await dialogue.ask(words.joined(separator: "\n"), []) != nil
    }

    private func canShow(_ factor: String) -> Bool {
        guard factor == SSHKeyRequest.step else { return dialogue != nil }
        guard case .now = signing else { return false }
        return true
    }

    private func isForLater(_ factor: String) -> Bool {
        guard factor == SSHKeyRequest.step, case .later = signing else { return false }
        return true
    }

    /// Those of which an empty answer says that they are left out.
    private static let typed: Set<String> = ["password", "totp"]

    /// What is typed first, then what is done elsewhere, then what takes no person.
    private static func isEarlier(_ a: String, _ b: String) -> Bool {
        let place = { (factor: String) in
            typed.contains(factor) ? 0 : factor == SSHKeyRequest.step ? 2 : 1
        }
        return (place(a), a) < (place(b), b)
    }

    private static func offer(_ factor: String, _ grants: [String]) -> String {
        let shown = grants.prefix(8).joined(separator: ", ")
        let more = grants.count > 8 ? " and \(grants.count - 8) more" : ""
        return grants.count == 1
            ? "Grant \(shown) asks for \(factor) too. An empty answer leaves it out."
            : "Grants \(shown)\(more) ask for \(factor) too. An empty answer leaves them out."
    }

    private static func distinct(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }
}
