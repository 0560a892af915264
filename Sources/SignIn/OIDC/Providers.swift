package import Authority
import Names

/// All providers of the configuration, as the authority asks them again.
package struct Providers: Upstream {
    private let all: [(provider: Provider, staleness: UInt64)]

    /// - Parameter all: Each with the seconds after which it is asked again.
    package init(_ all: [(provider: Provider, staleness: UInt64)]) { self.all = all }

    package var isEmpty: Bool { all.isEmpty }

    package func issuer(of name: String) -> String? {
        all.first { $0.provider.settings.name.text == name }?.provider.settings.issuer.text
    }

    package func staleness(of issuer: String) -> UInt64? { found(issuer)?.staleness }

    package func ask(_ account: UpstreamSubject, token: [UInt8]) async -> UpstreamAnswer {
        guard let provider = found(account.issuer)?.provider, let token = UpstreamToken(token) else {
            return .unknown(reason: "no such provider, or nothing to ask it by")
        }
        do {
            let vouched = try await provider.renew(token, subject: account.subject)
            return .stands(token: (vouched.token ?? token).bytes, groups: vouched.groups)
        } catch {
            switch error {
            case .denied: return .refuses(reason: "\(error)")
            case .unavailable, .untrusted: return .unknown(reason: "\(error)")
            }
        }
    }

    private func found(_ issuer: String) -> (provider: Provider, staleness: UInt64)? {
        all.first { $0.provider.settings.issuer.text == issuer }
    }
}
