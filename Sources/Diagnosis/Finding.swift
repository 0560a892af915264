/// One thing that was looked at.
package struct Finding: Encodable, Hashable, Sendable {
    package enum Severity: String, Encodable, Hashable, Sendable {
        case good
        /// Worth knowing, and not wrong.
        case note
        /// Works now, and will not for long or not as safely as it should.
        case warning
        /// Something fails because of it.
        case failure

        /// Whether somebody should act.
        package var isWrong: Bool { self == .warning || self == .failure }
    }

    /// Stable: for machines.
    package let code: String
    package let severity: Severity
    /// What was found: one sentence, without secrets.
    package let text: String
    /// What to do; nil where all is well, and where ``command`` says it.
    package let advice: String?
    /// A line for a shell that mends it, or leads to what does.
    package let command: String?

    package init(
        _ severity: Severity, _ code: String, _ text: String, advice: String? = nil, command: String? = nil
    ) {
        self.code = code
        self.severity = severity
        self.text = PlainText.harmless(text)
        self.advice = advice.map(PlainText.harmless)
        self.command = command.map(PlainText.harmless)
    }

    package static func good(_ code: String, _ text: String) -> Finding { Finding(.good, code, text) }

    package static func note(_ code: String, _ text: String, command: String? = nil) -> Finding {
        Finding(.note, code, text, command: command)
    }

    package static func warning(_ code: String, _ text: String, advice: String) -> Finding {
        Finding(.warning, code, text, advice: advice)
    }

    package static func warning(_ code: String, _ text: String, command: String) -> Finding {
        Finding(.warning, code, text, command: command)
    }

    package static func failure(_ code: String, _ text: String, advice: String) -> Finding {
        Finding(.failure, code, text, advice: advice)
    }

    package static func failure(_ code: String, _ text: String, command: String) -> Finding {
        Finding(.failure, code, text, command: command)
    }

    /// For people: one line, and below it the command, if there is one.
    package var line: String {
        let head = "\(severity.rawValue)\t\(code)\t\(text)"
        let first = advice.map { "\(head). \($0)" } ?? head
        return command.map { "\(first)\n\tmend: \($0)" } ?? first
    }
}

/// All that a doctor found.
package struct FindingReport: Encodable, Sendable {
    /// Whether there is neither a warning nor a failure.
    package let healthy: Bool
    package let findings: [Finding]

    package init(_ findings: [Finding]) {
        healthy = findings.allSatisfy { !$0.severity.isWrong }
        self.findings = findings
    }

    package var lines: [String] { findings.map(\.line) }
}
