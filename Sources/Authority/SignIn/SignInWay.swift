/// Factors that together make a sign-in, in the order in which they are shown: `password+totp`, `oidc:corp`, `pam+totp`.
package struct SignInWay: Hashable, Sendable, CustomStringConvertible {
    package static let standard = SignInWay(names: ["password", "totp"])

    /// `password`, `totp` or the names of participants.
    package let names: [String]

    package var description: String { names.joined(separator: "+") }

    /// The same without what stands after colons: `oidc+totp`.
    var kinds: String { names.map { String($0.prefix { $0 != ":" }) }.joined(separator: "+") }

    /// Unchecked: what somebody checked before.
    init(names: [String]) { self.names = names }

    /// - Throws: ``SignInWayFault`` for what is no list of one to four factors, each once, of which one proves more than
    ///   that somebody knows a password.
    package init(_ text: String) throws(SignInWayFault) {
        let names = text.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        guard (1...4).contains(names.count), Set(names).count == names.count else {
            throw SignInWayFault("one to four factors, each once")
        }
        for name in names where SignInWay.factor(of: name) == nil {
            throw SignInWayFault("'\(name.prefix(64))' is no factor")
        }
        guard names.contains(where: { SignInWay.factor(of: $0)?.isSecond ?? false }) else {
            throw SignInWayFault("'\(text.prefix(64))' needs a factor beside the password")
        }
        self.init(names: names)
    }

    /// What is asked for at once, of those from `position` on: password and authenticator go together, so that nobody
    /// learns which of them was wrong.
    func round(at position: Int) -> [String] {
        let rest = names.dropFirst(position)
        let together = rest.prefix(while: { SignInWay.known.contains($0) })
        return together.isEmpty ? Array(rest.prefix(1)) : Array(together)
    }

    /// Those that the authority compares by itself.
    static let known: Set<String> = ["password", "totp"]

    /// What `name` proves: what stands before its colon.
    package static func factor(of name: String) -> Factor? {
        let word = name.split(separator: ":", omittingEmptySubsequences: false).first.map(String.init) ?? ""
        guard let factor = Factor(rawValue: word), factor != .recovery,
            word.utf8.count == name.utf8.count || factor == .oidc
        else { return nil }
        return factor
    }
}

/// Why a way to sign in is none.
package struct SignInWayFault: Error, Hashable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
