package import AuthorityAPI
import Crypto
import Names
package import SSHFormats

/// What an ID token proves.
package struct ProvenClaims: Hashable, Sendable {
    /// `sub`: who, for this issuer and for ever; 1 to 255 bytes.
    package let subject: String
    /// All of them.
    package let claims: JSONValue
}

/// Verifies ID tokens (OpenID Connect Core 1.0 §3.1.3.7): the signature first, then what is said.
package struct IDTokenCheck: Sendable {
    /// Seconds that clocks may differ.
    static let skew: UInt64 = 60
    /// Seconds after which a token was not made for this sign-in.
    static let oldest: UInt64 = 600

    let issuer: ProviderURL
    let clientID: String
    let algorithms: Set<TokenAlgorithm>

    package init(issuer: ProviderURL, clientID: String, algorithms: Set<TokenAlgorithm>) {
        self.issuer = issuer
        self.clientID = clientID
        self.algorithms = algorithms
    }

    /// The algorithm and key id that the token names; nothing else of its header is followed.
    ///
    /// - Throws: ``ProviderFault/untrusted(reason:)`` for algorithms that are not allowed, and critical members.
    package func header(
        _ token: SignedToken
    ) throws(ProviderFault) -> (algorithm: TokenAlgorithm, key: String?) {
        guard let name = token.header["alg"]?.text, let algorithm = TokenAlgorithm(rawValue: name),
            algorithms.contains(algorithm)
        else { throw .untrusted(reason: "a token of an algorithm that is not allowed") }
        guard token.header["crit"] == nil else {
            throw .untrusted(reason: "a token with critical members")
        }
        if let type = token.header["typ"] {
            guard ["jwt", "application/jwt"].contains(type.text?.lowercased()) else {
                throw .untrusted(reason: "a token of another type")
            }
        }
        guard let key = token.header["kid"] else { return (algorithm, nil) }
        guard let text = key.text, text.utf8.count <= 256 else {
            throw .untrusted(reason: "a token whose key id is none")
        }
        return (algorithm, text)
    }

    /// - Parameters:
    ///   - keys: Those that may have signed it.
    ///   - nonce: What this sign-in asked for; nil where a token is only renewed.
    package func claims(
        of token: SignedToken, by keys: [ProviderKey], nonce: String?, at now: UnixTime
    ) throws(ProviderFault) -> ProvenClaims {
        guard keys.contains(where: { $0.isValid(token.signature, over: token.signed) }) else {
            throw .untrusted(reason: "a token with a bad signature")
        }
        guard let claims = try? JSONValue.read(token.payload), case .object = claims else {
            throw .untrusted(reason: "a token whose claims are no JSON object")
        }
        guard claims["iss"]?.text == issuer.text else {
            throw .untrusted(reason: "a token of another issuer")
        }
        try checkAudience(claims)
        try checkTimes(claims, now)
        if let nonce {
            guard let shown = claims["nonce"]?.text, constantTimeEquals(shown.utf8, nonce.utf8) else {
                throw .untrusted(reason: "a token that was not made for this sign-in")
            }
        }
        guard let subject = claims["sub"]?.text, (1...255).contains(subject.utf8.count),
            subject.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else { throw .untrusted(reason: "a token without a proper subject") }
        return ProvenClaims(subject: subject, claims: claims)
    }

    private func checkAudience(_ claims: JSONValue) throws(ProviderFault) {
        guard let audience = claims["aud"]?.texts, audience.contains(clientID) else {
            throw .untrusted(reason: "a token for another client")
        }
        guard let party = claims["azp"] else {
            guard Set(audience).count == 1 else {
                throw .untrusted(reason: "a token for several clients that names no party")
            }
            return
        }
        guard party.text == clientID else { throw .untrusted(reason: "a token made for another party") }
    }

    private func checkTimes(_ claims: JSONValue, _ now: UnixTime) throws(ProviderFault) {
        guard let end = claims["exp"]?.numericDate, now.seconds < end.addingReportingOverflow(Self.skew).0
        else { throw .untrusted(reason: "a token that has run out") }
        guard let made = claims["iat"]?.numericDate, made <= now.seconds + Self.skew else {
            throw .untrusted(reason: "a token from the future, or without a time")
        }
        guard now.seconds < made + Self.oldest else {
            throw .untrusted(reason: "a token that was made long ago")
        }
        if let begin = claims["nbf"] {
            guard let begin = begin.numericDate, begin <= now.seconds + Self.skew else {
                throw .untrusted(reason: "a token that does not count yet")
            }
        }
    }
}
