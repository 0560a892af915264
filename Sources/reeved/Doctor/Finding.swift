/// One thing that was looked at.
struct Finding: Encodable, Hashable, Sendable {
    enum Severity: String, Encodable, Hashable, Sendable {
        case good
        /// Works now, and will not for long or not as safely as it should.
        case warning
        /// Something fails because of it.
        case failure
    }

    /// Stable: for machines.
    let code: String
    let severity: Severity
    /// What was found; without secrets.
    let text: String
    /// What to do; nil where all is well.
    let advice: String?

    static func good(_ code: String, _ text: String) -> Finding {
        Finding(code: code, severity: .good, text: text, advice: nil)
    }

    static func warning(_ code: String, _ text: String, advice: String) -> Finding {
        Finding(code: code, severity: .warning, text: text, advice: advice)
    }

    static func failure(_ code: String, _ text: String, advice: String) -> Finding {
        Finding(code: code, severity: .failure, text: text, advice: advice)
    }

    /// One line for people.
    var line: String {
        let head = "\(severity.rawValue)\t\(code)\t\(text)"
        return advice.map { "\(head). \($0)" } ?? head
    }
}
