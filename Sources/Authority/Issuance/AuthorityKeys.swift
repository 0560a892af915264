package import SSHFormats

/// The public keys of the authority: those that stay as its signer holds them, and the CA keys that rotate.
package struct AuthorityKeys: Sendable {
    private let byRole: [SigningRole: PublicKey]
    private let first: Set<Fingerprint>
    let book: CAKeyBook

    /// - Parameter byRole: The key that signs, of each role.
    init(_ byRole: [SigningRole: PublicKey], _ book: CAKeyBook) {
        self.byRole = byRole
        first = Set(byRole.values.map(\.fingerprint))
        self.book = book
    }

    /// Every key that is or was one of the authority.
    var fingerprints: Set<Fingerprint> { first.union(book.fingerprints) }

    /// That there is one for each role, and none for two: a certificate of one kind never passes for another.
    static func check(_ byRole: [SigningRole: PublicKey]) throws(AuthorityError) {
        for role in SigningRole.allCases { _ = try key(role, of: byRole) }
        guard Set(byRole.values).count == byRole.count else {
            throw .mismatch("the signer holds one key for two roles")
        }
    }

    /// The key that signs.
    package func key(of authority: CertificateAuthority) throws(AuthorityError) -> PublicKey {
        if let signing = book.sets?.key(authority, .signing) { return signing.publicKey }
        return switch authority {
        case .user: try key(.userCA)
        case .plainUser: try key(.plainUserCA)
        case .host: try key(.hostCA)
        }
    }

    /// All that are to be trusted, the one that signs first.
    package func trusted(_ authority: CertificateAuthority) throws(AuthorityError) -> [PublicKey] {
        try trusted(authority, in: book.sets)
    }

    func trusted(
        _ authority: CertificateAuthority, in sets: CAKeySets?
    ) throws(AuthorityError) -> [PublicKey] {
        let keys = sets?.trusted(authority) ?? []
        return keys.isEmpty ? [try key(of: authority)] : keys
    }

    /// As the signer held it when this process began.
    package func key(_ role: SigningRole) throws(AuthorityError) -> PublicKey {
        try Self.key(role, of: byRole)
    }

    private static func key(
        _ role: SigningRole, of byRole: [SigningRole: PublicKey]
    ) throws(AuthorityError) -> PublicKey {
        guard let key = byRole[role] else {
            throw .signer(.unavailable(reason: "the signer holds no \(role.rawValue) key"))
        }
        return key
    }
}
