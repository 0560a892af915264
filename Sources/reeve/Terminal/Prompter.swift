import AuthorityClient
import Names
import Posix

/// Gets answers: those given before, else from the person at the terminal.
struct Prompter {
    let answers: AnswerLines
    /// For `totp=auto`.
    let totp: TOTP?

    init(_ answers: AnswerLines, totp: TOTP? = nil) {
        self.answers = answers
        self.totp = totp
    }

    /// Whether the answer is given, so that asking again would bring the same one.
    func isGiven(_ name: String) -> Bool { answers[name] != nil }

    /// An answer that is not shown.
    func hidden(_ name: String, _ prompt: String) throws -> Secret<String> {
        if let given = try given(name) { return given }
        return Secret(try terminal(for: name).hiddenLine("\(prompt): "))
    }

    /// An answer that is shown.
    func shown(_ name: String, _ prompt: String) throws -> Secret<String> {
        if let given = try given(name) { return given }
        return Secret(try terminal(for: name).line("\(prompt): "))
    }

    /// A new password, asked for twice.
    func newPassword(_ name: String = "password") throws -> Secret<String> {
        if let given = try given(name) { return given }
        let first = try hidden(name, "New password (12 bytes or more)")
        let second = try hidden(name, "The same again")
        let isSame = first.withExposed { a in second.withExposed { b in a.utf8.elementsEqual(b.utf8) } }
        guard isSame else { throw Fault(.usage, "the two passwords differ", next: "Try again.") }
        return first
    }

    private func given(_ name: String) throws -> Secret<String>? {
        guard let answer = answers[name] else { return nil }
        let steps: UInt64? = answer.withExposed { $0 == "auto" ? 0 : $0 == "auto+1" ? 1 : nil }
        guard name == "totp", let steps else { return answer }
        guard let totp else {
            throw Fault(.usage, "totp=auto needs the secret", next: "Name it with --totp-secret-file.")
        }
        return Secret(totp.code(at: WallClock.now(), steps: steps))
    }

    private func terminal(for name: String) throws -> Terminal {
        guard let terminal = Terminal() else {
            throw Fault(
                .needsSignIn, "\(name) is asked for and there is no terminal",
                next: "Run it in a terminal, or give answers with --answers-file.")
        }
        return terminal
    }
}
