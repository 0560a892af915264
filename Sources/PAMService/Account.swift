import CPosix
package import PAMProtocol

/// Which user the stack is asked as.
package struct Account: Hashable, Sendable {
    /// Accounts below are the system's (login.defs(5), UID_MIN).
    static let firstPerson: UInt32 = 1_000

    /// `PAM_USER`.
    package let user: String
    /// Whether a yes of the stack is one.
    package let counts: Bool

    /// Root is never asked, the system's other accounts only where an admin has mapped a person to one: the stack is
    /// asked as the stand-in then, as it is for nobody, and says the same to the same work.
    ///
    /// - Parameter uid: The user id of a name on this machine; nil where it has none.
    package init(for opening: PAMOpening, standIn: String, uid: (String) -> UInt32?) {
        let isLogin = Self.isLogin(opening.user)
        let number = uid(isLogin ? opening.user : standIn)
        counts = isLogin && Self.mayBeAsked(opening.standing, number)
        user = counts ? opening.user : standIn
    }

    private static func mayBeAsked(_ standing: PAMOpening.Standing, _ uid: UInt32?) -> Bool {
        switch (standing, uid) {
        case (.nobody, _), (_, 0): false
        case (_, nil), (.mapped, _): true
        case (.person, .some(let uid)): uid >= firstPerson && uid < 65_534
        }
    }

    /// Whether the name is one that may be handed to modules: `[a-z0-9_][a-z0-9._-]*`, up to 63 bytes.
    private static func isLogin(_ name: String) -> Bool {
        guard let first = name.utf8.first, isWord(first), name.utf8.count <= 63, name != "root" else {
            return false
        }
        return name.utf8.allSatisfy {
            isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
    }
}
