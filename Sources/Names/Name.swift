/// A name of a person, device, service, group or grant: `[a-z0-9][a-z0-9._-]*`, at most 63 bytes; a host's: 253.
public struct Name: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let text: String

    /// - Throws: ``NameError``; nothing is folded or trimmed, so `Root` and ` root` are refused, not repaired.
    public init(_ text: String) throws(NameError) {
        try NameGrammar.name.check(text)
        self.text = text
    }

    /// A host's name: the same bytes, up to 253 of them.
    public init(host text: String) throws(NameError) {
        try NameGrammar.host.check(text)
        self.text = text
    }

    public var description: String { text }
    public static func < (a: Name, b: Name) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }
}
