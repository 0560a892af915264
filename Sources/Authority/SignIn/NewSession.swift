import Crypto
package import Names
import SSHFormats

/// A session just made, with its token: shown once, stored only as a hash.
package struct NewSession: Sendable {
    package let session: Session
    package let token: Secret<String>
    /// Made with it, where the person's factors are new.
    package var recoveryCodes: [Secret<String>] = []

    /// The facts that make it last.
    var fact: Fact { .sessionStarted(session, tokenHash: token.withExposed { TokenHash.of($0) }) }

    /// - Parameter id: Of the conversation that it comes from; a fresh one where nil.
    static func start(
        id: String? = nil, for identity: IdentityID, device: IdentityID?, factors: ProvenFactors,
        boundTo key: PublicKey,
        source: String, in world: World
    ) -> NewSession {
        let now = world.now()
        let session = Session(
            id: id ?? Hexadecimal.text(world.random(16)), identity: identity, device: device,
            factors: factors,
            boundTo: key.fingerprint, source: source, startedAt: now, lastUsedAt: now)
        return NewSession(session: session, token: Secret(Base64URL.text(world.random(32))))
    }
}

/// Tokens are stored as the SHA-256 of their text.
package enum TokenHash {
    package static func of(_ token: String) -> [UInt8] { of(Array(token.utf8)) }
    package static func of(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
}
