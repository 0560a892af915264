import Authority

/// What goes wrong on one connection to PostgreSQL. Texts are without statements, values and passwords.
enum LinkError: Error, Hashable, Sendable {
    /// The server refused a command and can be used on.
    case refused(Complaint)
    /// A command before this one was refused, so the server left it out.
    case skipped
    /// The connection is of no use any more.
    case lost(String)

    /// What the server says of a refusal.
    struct Complaint: Hashable, Sendable {
        /// Five characters (PostgreSQL manual, appendix A).
        let code: String
        let text: String

        /// Another transaction came between: the same may be done again at once.
        var isCollision: Bool { code == "40001" || code == "40P01" }
        /// A collision, or it took too long, or the transaction had failed before.
        var isTransient: Bool { isCollision || ["55P03", "57014", "25P02"].contains(code) }
        var isForeignKey: Bool { code == "23503" }
        /// The server goes away, was demoted or is full: another connection may do better.
        var endsLink: Bool {
            code.hasPrefix("57P") || code.hasPrefix("08") || code == "25006" || code == "25P03"
        }
    }

    /// Whether another connection may do better.
    var endsLink: Bool {
        switch self {
        case .refused(let complaint): complaint.endsLink
        case .skipped: false
        case .lost: true
        }
    }

    var storeError: StoreError {
        switch self {
        case .refused(let complaint):
            if complaint.isForeignKey { return .conflict(.missing) }
            if complaint.isTransient || complaint.endsLink { return .busy }
            return .failed(reason: "\(self)")
        case .skipped: return .failed(reason: "\(self)")
        case .lost: return .busy
        }
    }
}

extension LinkError: CustomStringConvertible {
    /// The same, without saying that it is PostgreSQL's.
    var reason: String {
        switch self {
        case .refused(let complaint): complaint.text
        case .skipped: "a command was left out"
        case .lost(let reason): reason
        }
    }

    var description: String {
        switch self {
        case .refused(let complaint): "PostgreSQL \(complaint.code): \(complaint.text)"
        case .skipped: "PostgreSQL left a command out after another failed"
        case .lost(let reason): "PostgreSQL cannot be reached: \(reason)"
        }
    }
}
