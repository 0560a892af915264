import AuthorityAPI
import AuthorityClient
import Names

/// What this machine, and who sits at it, answers where a sign-in sets everything anew.
struct FreshStart {
    /// Name of this device.
    let device: String
    var lost: [String] = []
    var keep: [String] = []
    var reason: String?
    /// Where the new secret goes.
    let options: AnswerOptions
    /// What was given before it is asked for.
    let given: AnswerLines
    /// Keeps where it waits for others, so that it can go on after an interruption.
    var remember: (_ conversation: String?) throws -> Void = { _ in }

    /// Nil for steps of other kinds.
    func answer(_ step: SignInStep) throws -> String? {
        guard step.kind == .text || step.kind == .secret else { return nil }
        let prompt = Screen.plain(step.prompt)
        let prompter = Prompter(given)
        switch step.name {
        case "device": return device
        case "reason": return reason ?? ""
        case "lost": return try chosen(lost, step, prompter, prompt)
        case "keep": return try chosen(keep, step, prompter, prompt)
        case "new-password": return try prompter.newPassword().withExposed { $0 }
        case "new-totp":
            guard let secret = step.code else { throw ClientError.badReply("no secret for the new app") }
            try options.announce(secret: secret, otpauth: step.url)
            let prompter = Prompter(given, totp: TOTP(base32: secret))
            return try prompter.shown("totp", prompt).withExposed { String($0.filter { $0 != " " }) }
        default: return nil
        }
    }

    /// Whether what was refused can be answered again, by somebody who sits there.
    func mayBeAnsweredAgain(_ error: ClientError, _ steps: [SignInStep]) -> Bool {
        guard case .refused(let problem) = error, Terminal() != nil,
            steps.contains(where: { $0.name == "new-totp" }),
            !["password", "totp", "lost", "keep"].contains(where: { given[$0] != nil })
        else { return false }
        return ["weak-password", "sign-in-failed"].contains(problem.code)
            || problem.code == "bad-request" && lost.isEmpty && keep.isEmpty
    }

    /// Those that were named; else whoever sits there is asked, if there is anything else than this device.
    private func chosen(
        _ named: [String], _ step: SignInStep, _ prompter: Prompter, _ prompt: String
    ) throws -> String {
        let offered = (step.choices ?? []).map(Screen.plain).filter { !$0.hasSuffix(".\(device)") }
        if prompter.isGiven(step.name) { return try prompter.shown(step.name, prompt).withExposed { $0 } }
        guard lost.isEmpty, keep.isEmpty, !offered.isEmpty, let terminal = Terminal() else {
            return named.joined(separator: ",")
        }
        return try terminal.line("\(prompt) (\(offered.joined(separator: ", "))): ")
    }
}
