package import Names

/// Which accounts at providers are whose.
package protocol UpstreamLinks: Sendable {
    func upstreamLink(_ account: UpstreamSubject) async throws(StoreError) -> UpstreamLink?
    /// In the order of issuer and subject.
    func upstreamLinks(of person: IdentityID) async throws(StoreError) -> [UpstreamLink]
}

/// The identity providers that the configuration names.
package protocol Upstream: Sendable {
    var isEmpty: Bool { get }
    /// By the name that people and policies use.
    func issuer(of provider: String) -> String?
    /// Seconds after which a provider is asked again; nil for issuers that are not configured.
    func staleness(of issuer: String) -> UInt64?
    /// Whether the person is still there; `token` is as the provider gave it out.
    func ask(_ account: UpstreamSubject, token: [UInt8]) async -> UpstreamAnswer
}

package enum UpstreamAnswer: Sendable {
    /// The provider stands for them. `groups` where it says anything about those.
    case stands(token: [UInt8], groups: Set<Name>?, login: VouchedLogin = .unsaid)
    /// It no longer does.
    case refuses(reason: String)
    /// It cannot be asked: nothing is known.
    case unknown(reason: String)
}

/// Where no provider is configured.
package struct NoUpstream: Upstream {
    package init() {}
    package var isEmpty: Bool { true }
    package func issuer(of provider: String) -> String? { nil }
    package func staleness(of issuer: String) -> UInt64? { nil }
    package func ask(_ account: UpstreamSubject, token: [UInt8]) async -> UpstreamAnswer {
        .unknown(reason: "no provider is configured")
    }
}
