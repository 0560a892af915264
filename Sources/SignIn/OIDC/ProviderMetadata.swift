import AuthorityAPI

/// What a provider says of itself (OpenID Connect Discovery 1.0 §3), as far as it matters here.
struct ProviderMetadata: Hashable, Sendable {
    static let path = "/.well-known/openid-configuration"

    let authorization: ProviderURL
    let token: ProviderURL
    let keys: ProviderURL
    let userinfo: ProviderURL?
    /// Its algorithms that are allowed here.
    let algorithms: Set<TokenAlgorithm>
    /// Whether the client shows its secret in the body because the provider does not take it in a header.
    let wantsSecretInBody: Bool
    /// Whether every answer to a browser names its issuer (RFC 9207 §3).
    let namesItself: Bool

    /// - Throws: ``ProviderFault/untrusted(reason:)`` where it is another issuer's, where it cannot do what is needed, or
    ///   where it leads elsewhere than https.
    init(_ bytes: [UInt8], of issuer: ProviderURL) throws(ProviderFault) {
        guard let json = try? JSONValue.read(bytes), case .object = json else {
            throw .unavailable(reason: "its configuration is no JSON object")
        }
        guard json["issuer"]?.text == issuer.text else {
            throw .untrusted(reason: "its configuration names another issuer")
        }
        authorization = try Self.url("authorization_endpoint", json, issuer)
        token = try Self.url("token_endpoint", json, issuer)
        keys = try Self.url("jwks_uri", json, issuer)
        userinfo = json["userinfo_endpoint"] == nil ? nil : try Self.url("userinfo_endpoint", json, issuer)
        let allowed = json["id_token_signing_alg_values_supported"]?.texts ?? [TokenAlgorithm.rs256.rawValue]
        algorithms = Set(allowed.compactMap { TokenAlgorithm(rawValue: $0 == "Ed25519" ? "EdDSA" : $0) })
        guard !algorithms.isEmpty else {
            throw .untrusted(reason: "it signs with none of RS256, ES256 and EdDSA")
        }
        // Absent in many that can do it; a list without it is a no.
        guard json["code_challenge_methods_supported"]?.texts?.contains("S256") ?? true else {
            throw .untrusted(reason: "it does not take PKCE with S256")
        }
        guard json["response_types_supported"]?.texts?.contains("code") ?? true else {
            throw .untrusted(reason: "it does not give out codes")
        }
        let methods = json["token_endpoint_auth_methods_supported"]?.texts ?? ["client_secret_basic"]
        wantsSecretInBody = !methods.contains("client_secret_basic") && methods.contains("client_secret_post")
        namesItself = json["authorization_response_iss_parameter_supported"] == .bool(true)
    }

    private static func url(
        _ name: String, _ json: JSONValue, _ issuer: ProviderURL
    ) throws(ProviderFault) -> ProviderURL {
        guard let text = json[name]?.text else {
            throw .untrusted(reason: "its configuration has no \(name)")
        }
        let url = try ProviderURL(text)
        guard issuer.isLoopback || !url.isLoopback else {
            throw .untrusted(reason: "its \(name) is not https")
        }
        return url
    }
}
