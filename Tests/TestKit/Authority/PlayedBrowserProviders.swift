package import Authority
package import Names

/// A provider `corp` that every browser comes back from, as its account `s-1`.
package struct PlayedBrowserProviders: BrowserProviders {
    package static let state = "the-state"

    package init() {}

    package func begin(
        _ provider: Name, redirect: String
    ) async throws(AuthorityError) -> (url: String, state: String, attempt: [UInt8]) {
        guard provider.text == "corp" else { throw .refused(.upstreamUnavailable, provider.text) }
        let url = "\(PlayedUpstream.issuer)/authorize?redirect_uri=\(redirect)&state=\(Self.state)"
        return (url, Self.state, Array(redirect.utf8))
    }

    package func finish(_ attempt: [UInt8], with answer: BrowserAnswer) async -> BrowserEnding {
        if let error = answer.error { return .refused(reason: "denied: \(error.utf8.count) bytes") }
        let account = UpstreamSubject(issuer: PlayedUpstream.issuer, subject: "s-1")
        return .came(UpstreamArrival(account: account, token: nil, groups: nil))
    }
}
