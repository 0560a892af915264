package import SSHFormats

/// The public keys of the authority, as its signer holds them.
package struct AuthorityKeys: Sendable {
    package let byRole: [SigningRole: PublicKey]
    let fingerprints: Set<Fingerprint>

    package init(_ byRole: [SigningRole: PublicKey]) {
        self.byRole = byRole
        fingerprints = Set(byRole.values.map(\.fingerprint))
    }

    /// That there is one for each role, and none for two: a certificate of one kind never passes for another.
    func check() throws(AuthorityError) {
        for role in SigningRole.allCases { _ = try key(role) }
        guard fingerprints.count == byRole.count else {
            throw .mismatch("the signer holds one key for two roles")
        }
    }

    package func key(of authority: CertificateAuthority) throws(AuthorityError) -> PublicKey {
        switch authority {
        case .user: try key(.userCA)
        case .plainUser: try key(.plainUserCA)
        case .host: try key(.hostCA)
        }
    }

    package func key(_ role: SigningRole) throws(AuthorityError) -> PublicKey {
        guard let key = byRole[role] else {
            throw .signer(.unavailable(reason: "the signer holds no \(role.rawValue) key"))
        }
        return key
    }
}
