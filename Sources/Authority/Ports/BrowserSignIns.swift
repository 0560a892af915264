package import Names

/// Sign-ins that wait for a browser.
package protocol BrowserSignIns: Sendable {
    func browserSignIn(id: String) async throws(StoreError) -> BrowserSignIn?
    /// The one whose provider was sent away with this `state`, by its hash.
    func browserSignIn(state: [UInt8]) async throws(StoreError) -> BrowserSignIn?
}

/// The providers that a browser can be sent to, which comes back to this authority's own page.
package protocol BrowserProviders: Sendable {
    /// - Returns: Where the browser goes, the `state` that it is to bring back, and what ``finish(_:with:)`` needs.
    func begin(
        _ provider: Name, redirect: String
    ) async throws(AuthorityError) -> (url: String, state: String, attempt: [UInt8])
    /// Turns what came back into who came.
    func finish(_ attempt: [UInt8], with answer: BrowserAnswer) async -> BrowserEnding
}

/// What a browser brought back from a provider (RFC 6749 §4.1.2, RFC 9207).
package struct BrowserAnswer: Sendable {
    package let state: String
    package let code: String?
    package let issuer: String?
    package let error: String?

    package init(state: String, code: String?, issuer: String?, error: String?) {
        self.state = state
        self.code = code
        self.issuer = issuer
        self.error = error
    }
}

package enum BrowserEnding: Sendable {
    case came(UpstreamArrival)
    /// The provider says no, or what it says cannot be trusted.
    case refused(reason: String)
    /// It cannot be asked: nothing is known.
    case unknown(reason: String)
}
