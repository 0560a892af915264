/// What an identity is. No shared accounts: a role is granted, never signed in as.
public enum IdentityKind: String, Hashable, Sendable, CaseIterable {
    case person, device, host, service
}

/// Which identity: its kind and its name, written `alice` for a person and `kind:name` for all others.
public struct IdentityID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let kind: IdentityKind
    public let name: Name

    public init(_ kind: IdentityKind, _ name: Name) {
        self.kind = kind
        self.name = name
    }

    /// Reads `alice`, `person:alice`, `device:alice.laptop`, `host:web1.example.com` or `service:deployer`.
    ///
    /// - Throws: ``NameError``.
    public init(_ text: String) throws(NameError) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else {
            self.init(.person, try Name(text))
            return
        }
        guard let kind = IdentityKind(rawValue: String(text[..<colon])) else {
            throw .shape("a kind is person, device, host or service")
        }
        let rest = String(text[text.utf8.index(after: colon)...])
        self.init(kind, kind == .host ? try Name(host: rest) : try Name(rest))
    }

    public var description: String { kind == .person ? name.text : "\(kind.rawValue):\(name)" }
    public static func < (a: IdentityID, b: IdentityID) -> Bool { a.description < b.description }
}
