/// A login on a host: `[a-z_][a-z0-9._-]{0,31}`.
public struct Login: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let text: String

    /// - Throws: ``NameError``.
    public init(_ text: String) throws(NameError) {
        try NameGrammar.login.check(text)
        self.text = text
    }

    public var isRoot: Bool { text == "root" }
    public var description: String { text }
    public static func < (a: Login, b: Login) -> Bool { a.text < b.text }
}
