/// What somebody signs who agrees to a request, or does not: the whole request, then who says what of it.
///
/// Server and client make these bytes each on its own. They are lines of `name: value`, whose values are printable and
/// hold no line end, so that a terminal shows all that is signed.
public struct ApprovalStatement: Hashable, Sendable {
    /// The namespace of the signature (OpenSSH's PROTOCOL.sshsig); no other signature ever counts as one of these.
    public static let namespace = "approval@keyreeve.org"
    /// The longest request that is signed, in bytes.
    public static let longestRequest = 65_536

    public enum Decision: String, Hashable, Sendable, CaseIterable { case approved, denied }

    /// The request as the server keeps it; ends with a line end.
    public let request: String
    public let decision: Decision
    /// Who decides.
    public let person: String
    public let reason: String?
    /// The number that the terminal of whoever asks shows, where one must be known to agree.
    public let number: String?

    public init(
        request: String, decision: Decision, person: String, reason: String?, number: String? = nil
    ) {
        self.request = request
        self.decision = decision
        self.person = person
        self.reason = reason
        self.number = number
    }

    /// The bytes to sign are the UTF-8 of this.
    public var text: String {
        var lines = ApprovalLines()
        lines.add("decision", decision.rawValue)
        lines.add("decided by", person)
        lines.add("reason of the decision", reason ?? "none given")
        if let number { lines.add("number that was told", number) }
        return request + lines.text
    }
}

/// Lines of `name: value` that say all and hide nothing.
public struct ApprovalLines: Hashable, Sendable {
    public private(set) var text = ""

    public init() {}

    public mutating func add(_ name: String, _ value: String) {
        text += "\(name): \(Self.escaped(value))\n"
    }

    /// Whatever could drive a terminal, turn the direction of writing, end the line or not be seen at all becomes
    /// `\u{…}`, and a backslash two.
    public static func escaped(_ value: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": out.append(contentsOf: "\\\\".unicodeScalars)
            case _ where isPlain(scalar): out.append(scalar)
            default: out.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            }
        }
        return String(out)
    }

    /// Whether every line of a text is one that ``add(_:_:)`` could have written: nothing in it acts on a terminal.
    public static func isPlain(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0 == "\n" || isPlain($0) }
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            false
        case .spaceSeparator: scalar == " "
        default: !scalar.properties.isDefaultIgnorableCodePoint
        }
    }
}
