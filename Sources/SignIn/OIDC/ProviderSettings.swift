package import Names

/// One provider as the configuration names it.
package struct ProviderSettings: Sendable {
    /// What people and policies call it.
    package let name: Name
    /// Exactly as it names itself.
    package let issuer: ProviderURL
    package let clientID: String
    /// nil for a public client.
    package let clientSecret: Secret<String>?
    /// Beside `openid`.
    package var scopes: [String] = []
    package var rules = ClaimRules()
    /// Ports of the client's loopback redirect, where the provider takes only some; empty: any.
    package var redirectPorts: [UInt16] = []
    /// Seconds for which its keys count after it last showed them, while it cannot be asked for them.
    package var keysKept: UInt64 = 86_400

    package init(name: Name, issuer: ProviderURL, clientID: String, clientSecret: Secret<String>?) {
        self.name = name
        self.issuer = issuer
        self.clientID = clientID
        self.clientSecret = clientSecret
    }
}
