import Authority
import Crypto
package import Names
package import SSHFormats

/// One sign-in at a provider that has begun: what must come back. It travels sealed with whoever began it, so that it is
/// worth nothing in another browser or at another provider.
package struct CodeAttempt: Hashable, Sendable {
    /// Seconds from its begin to the code.
    static let longest: UInt64 = 600

    package let provider: Name
    /// What the answer must bring along (RFC 6749 §10.12).
    package let state: String
    /// What the token must bring along.
    let nonce: String
    /// `code_verifier` (RFC 7636 §4.1).
    let verifier: String
    package let redirect: String
    package let startedAt: UnixTime

    init(at provider: Name, redirect: String, startedAt: UnixTime, random: (Int) -> [UInt8]) {
        self.provider = provider
        self.redirect = redirect
        self.startedAt = startedAt
        state = Base64URL.text(random(24))
        nonce = Base64URL.text(random(24))
        verifier = Base64URL.text(random(32))
    }

    /// `code_challenge` by S256 (RFC 7636 §4.2).
    var challenge: String { Base64URL.text(Array(SHA256.hash(data: Array(verifier.utf8)))) }

    package func encoded() -> [UInt8] {
        var writer = WireWriter()
        writer.uint64(startedAt.seconds)
        for text in [provider.text, state, nonce, verifier, redirect] { writer.string(text) }
        return writer.bytes
    }

    package init?(_ bytes: [UInt8]) {
        var reader = WireReader(bytes)
        guard let seconds = try? reader.uint64(), let name = try? reader.text(limit: 64),
            let provider = try? Name(name), let state = try? reader.text(limit: 64),
            let nonce = try? reader.text(limit: 64), let verifier = try? reader.text(limit: 128),
            let redirect = try? reader.text(limit: ProviderURL.longest), (try? reader.end()) != nil
        else { return nil }
        self.provider = provider
        self.state = state
        self.nonce = nonce
        self.verifier = verifier
        self.redirect = redirect
        startedAt = UnixTime(seconds)
    }
}

/// What a browser brought back (RFC 6749 §4.1.2, RFC 9207).
package struct CodeAnswer: Hashable, Sendable {
    package let state: String?
    package let code: String?
    package let issuer: String?
    package let error: String?

    package init(state: String?, code: String?, issuer: String?, error: String?) {
        self.state = state
        self.code = code
        self.issuer = issuer
        self.error = error
    }
}
