package import Authority
import Names
package import PAMProtocol

/// PAM as a factor: any stack of the administrator, its questions passed on one by one.
package struct PAMFactor: Participant {
    package let name = "pam"
    package let factor = Factor.pam
    package let canBeGuessed = true

    private let desk: PAMDesk
    private let report: @Sendable (String) -> Void

    /// - Parameter report: Takes sentences about what an operator should look at.
    package init(_ desk: PAMDesk, report: @escaping @Sendable (String) -> Void) {
        self.desk = desk
        self.report = report
    }

    package func begin(_ about: ConversationFacts) async throws(AuthorityError) -> Asked {
        do {
            return try await Self.asked(desk.begin(Self.opening(about)))
        } catch {
            throw refused(error)
        }
    }

    package func answer(
        _ answers: [String: String], memory: [UInt8], _ about: ConversationFacts
    ) async throws(AuthorityError) -> Turn {
        let turn: PAMDesk.Turn
        do { turn = try await desk.answer(answers, memory: memory, evenly: !about.isLast) } catch {
            throw refused(error)
        }
        switch turn {
        case .ask(let prompts, let memory): return .ask(Self.asked((prompts, memory)))
        case .refused(let reason): return .failed(reason: "pam: \(reason)")
        case .passwordExpired:
            guard let person = about.person else { return .failed(reason: "pam: nobody") }
            return .barred(person.id, .passwordExpired)
        case .proven:
            guard let person = about.person else { return .failed(reason: "pam: nobody") }
            return .proven(person.id, facts: [])
        }
    }

    /// Whom the stack is asked about: the person's login, or else their name. Only a login that an admin has set may be an
    /// account of the system.
    package static func opening(_ about: ConversationFacts) -> PAMOpening {
        let standing: PAMOpening.Standing =
            about.person.map { person in
                person.attributes.login != nil && person.attributes.loginBy == .admin ? .mapped : .person
            } ?? .nobody
        let shown = PAMText.printable(about.name.utf8)
        return PAMOpening(
            standing, user: about.person.map { $0.attributes.login?.text ?? $0.id.name.text } ?? "",
            shown: String(shown.prefix(256)), source: about.source)
    }

    private static func asked(_ turn: (prompts: [PAMPrompt], memory: [UInt8])) -> Asked {
        let prompts = turn.prompts.map { prompt in
            switch prompt.kind {
            case .secret: return Prompt(.secret, prompt.name, prompt.text)
            case .text: return Prompt(.text, prompt.name, prompt.text)
            case .wait:
                // The server waits by itself, so the next request may come at once.
                var waiting = Prompt(.wait, prompt.name, prompt.text)
                waiting.seconds = 0
                return waiting
            }
        }
        return Asked(prompts, memory: turn.memory)
    }

    private func refused(_ fault: PAMDesk.Fault) -> AuthorityError {
        switch fault {
        case .over: return .refused(.conversationOver)
        case .badAnswers(let detail): return .refused(.badRequest, detail)
        case .busy(let reason):
            report("PAM: \(reason)")
            return .refused(.busy)
        case .unavailable(let reason):
            report("PAM: \(reason)")
            return .refused(.unavailable)
        }
    }
}
