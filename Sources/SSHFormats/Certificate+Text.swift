extension Certificate {
    /// Reads a line `ssh-ed25519-cert-v01@openssh.com AAAA… comment`; the comment is dropped.
    ///
    /// - Throws: ``CertificateError``; for a second line and for a name that differs from the one inside,
    ///   too.
    public init(text: String) throws(CertificateError) {
        let line = try CertificateError.wrapKey { () throws(KeyError) in try KeyLine(text) }
        guard KeyType.isCertificate(line.name) else { throw .unknownType(line.name) }
        try self.init(blob: line.blob)
        guard line.name == type.certificateName else {
            throw .key(.typeMismatch(named: line.name, inside: type.certificateName))
        }
    }

    /// The line for `-cert.pub` files: name, Base64, and the comment if there is one. No line end.
    public func text(comment: String? = nil) -> String {
        KeyLine.text(name: type.certificateName, blob: blob, comment: comment)
    }
}

extension Certificate: CustomStringConvertible {
    /// The certificate line without a comment.
    public var description: String { text() }
}
