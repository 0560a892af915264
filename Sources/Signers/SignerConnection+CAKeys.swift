package import Authority
package import SSHFormats
import SignerProtocol

extension SignerConnection {
    package func caKeys() async throws(SignerError) -> [HeldCAKey] {
        try await greeting().keys.compactMap { key in
            guard let authority = key.role.authority, let state = CAKeyState(rawValue: key.state.rawValue)
            else { return nil }
            return HeldCAKey(authority: authority, publicKey: key.publicKey, state: state)
        }
    }

    package func prepareKey(
        _ authority: CertificateAuthority
    ) async throws(SignerError) -> (key: PublicKey, sealed: [UInt8]) {
        guard case .key(let key, let sealed) = try await ask(.prepareKey(authority.role)) else {
            throw .unexpected
        }
        return (key, sealed)
    }

    package func adoptKey(
        _ authority: CertificateAuthority, sealed: [UInt8]
    ) async throws(SignerError) {
        guard case .key = try await ask(.adoptKey(authority.role, sealed: sealed)) else { throw .unexpected }
    }

    package func promoteKey(
        _ authority: CertificateAuthority, _ key: PublicKey
    ) async throws(SignerError) {
        guard case .hello = try await ask(.promoteKey(authority.role, key)) else { throw .unexpected }
    }

    package func retireKey(
        _ authority: CertificateAuthority, _ key: PublicKey
    ) async throws(SignerError) {
        guard case .hello = try await ask(.retireKey(authority.role, key)) else { throw .unexpected }
    }
}

extension SignerRole {
    /// Whose key it is; nil for one that signs no certificates.
    fileprivate var authority: CertificateAuthority? {
        switch self {
        case .userCA: .user
        case .plainUserCA: .plainUser
        case .hostCA: .host
        case .tlsRoot, .token, .checkpoint, .hostState: nil
        }
    }
}

extension CertificateAuthority {
    fileprivate var role: SignerRole {
        switch self {
        case .user: .userCA
        case .plainUser: .plainUserCA
        case .host: .hostCA
        }
    }
}
