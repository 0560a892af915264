extension PublicKey {
    /// Reads a line `ssh-ed25519 AAAA… comment`; the comment is dropped.
    ///
    /// - Throws: ``KeyError``; for a second line and for a name that differs from the one inside, too.
    public init(text: String) throws(KeyError) {
        try self.init(line: try KeyLine(text))
    }

    init(line: KeyLine) throws(KeyError) {
        guard !KeyType.isCertificate(line.name) else { throw .certificateAsKey(line.name) }
        try self.init(blob: line.blob)
        guard line.name == type.name else { throw .typeMismatch(named: line.name, inside: type.name) }
    }

    /// The line for `.pub` files: name, Base64, and the comment if there is one. No line end.
    public func text(comment: String? = nil) -> String {
        KeyLine.text(name: type.name, blob: blob, comment: comment)
    }
}

extension PublicKey: CustomStringConvertible {
    /// The key line without a comment.
    public var description: String { text() }
}
