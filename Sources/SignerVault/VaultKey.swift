import Crypto
package import SSHFormats
package import SignerProtocol

/// One private key of the signer.
package struct VaultKey: Sendable {
    package let role: SignerRole
    package let state: KeySetState
    package let publicKey: PublicKey
    let secret: Secret

    enum Secret: Sendable {
        case ed25519(Curve25519.Signing.PrivateKey)
        case p256(P256.Signing.PrivateKey)
    }

    /// A new key. P-256 for TLS and tokens, since browsers and token libraries refuse Ed25519, and for the certificate
    /// authorities, since OpenSSH checks it ten times as fast (Docs/Decisions/0006-p256-authorities.md); else Ed25519.
    static func make(_ role: SignerRole, _ state: KeySetState = .signing) throws(VaultError) -> VaultKey {
        switch role {
        case .tlsRoot, .token, .userCA, .plainUserCA, .hostCA:
            try VaultKey(role, state, .p256(P256.Signing.PrivateKey()))
        case .checkpoint, .hostState:
            try VaultKey(role, state, .ed25519(Curve25519.Signing.PrivateKey()))
        }
    }

    /// The same key, standing elsewhere.
    func standing(_ state: KeySetState) -> VaultKey { VaultKey(self, state) }

    private init(_ key: VaultKey, _ state: KeySetState) {
        role = key.role
        self.state = state
        publicKey = key.publicKey
        secret = key.secret
    }

    private init(_ role: SignerRole, _ state: KeySetState, _ secret: Secret) throws(VaultError) {
        self.role = role
        self.state = state
        self.secret = secret
        var writer = WireWriter(capacity: 128)
        switch secret {
        case .ed25519(let key):
            writer.string(KeyType.ed25519.name)
            writer.string(Array(key.publicKey.rawRepresentation))
        case .p256(let key):
            writer.string(KeyType.ecdsaP256.name)
            writer.string("nistp256")
            writer.string(Array(key.publicKey.x963Representation))
        }
        do { publicKey = try PublicKey(blob: writer.bytes) } catch { throw .cryptography }
    }

    /// An SSH signature (RFC 8709 §6, RFC 5656 §3.1.2).
    func sign(_ bytes: [UInt8]) throws(SignerFault) -> Signature {
        do {
            switch secret {
            case .ed25519(let key):
                return try Signature(algorithm: KeyType.ed25519.name, bytes: key.signature(for: bytes))
            case .p256(let key):
                let pair = try key.signature(for: bytes).rawRepresentation
                var writer = WireWriter(capacity: 80)
                writer.mpint(pair.prefix(32))
                writer.mpint(pair.dropFirst(32))
                return try Signature(algorithm: KeyType.ecdsaP256.name, bytes: writer.bytes)
            }
        } catch {
            throw SignerFault(.unavailable, "the signature could not be made")
        }
    }

    /// 64 bytes of Ed25519 (RFC 8032), or a DER ECDSA signature over SHA-256 (RFC 3279 §2.2.3).
    func signBytes(_ bytes: [UInt8]) throws(SignerFault) -> [UInt8] {
        do {
            switch secret {
            case .ed25519(let key): return Array(try key.signature(for: bytes))
            case .p256(let key): return Array(try key.signature(for: bytes).derRepresentation)
            }
        } catch {
            throw SignerFault(.unavailable, "the signature could not be made")
        }
    }

    init(from reader: inout WireReader) throws {
        guard let role = SignerRole(rawValue: try reader.text(limit: 32)),
            let state = KeySetState(rawValue: try reader.text(limit: 32))
        else { throw WireError.unexpected("role or state") }
        let type = try reader.text(limit: 32)
        let bytes = Array(try reader.string(limit: 32))
        switch KeyType(name: type) {
        case .ed25519: try self.init(role, state, .ed25519(.init(rawRepresentation: bytes)))
        case .ecdsaP256: try self.init(role, state, .p256(.init(rawRepresentation: bytes)))
        case .ecdsaP384, .ecdsaP521, .rsa, .skEd25519, .skECDSAP256, .other, nil:
            throw WireError.unexpected("key type")
        }
    }

    var encoded: [UInt8] {
        var writer = WireWriter(capacity: 128)
        write(to: &writer)
        return writer.bytes
    }

    func write(to writer: inout WireWriter) {
        writer.string(role.rawValue)
        writer.string(state.rawValue)
        writer.string(publicKey.type.name)
        switch secret {
        case .ed25519(let key): writer.string(Array(key.rawRepresentation))
        case .p256(let key): writer.string(Array(key.rawRepresentation))
        }
    }
}

extension VaultKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "\(role.rawValue) ‹redacted›" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
