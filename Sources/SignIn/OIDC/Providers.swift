package import Authority
package import Names

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
            return .stands(
                token: (vouched.token ?? token).bytes, groups: vouched.groups, login: vouched.login)
        } catch {
            switch error {
            case .denied: return .refuses(reason: "\(error)")
            case .unavailable, .untrusted: return .unknown(reason: "\(error)")
            }
        }
    }

    /// Providers whose keys could not be asked for, and why.
    package var keysTrouble: [String] {
        get async {
            var all: [String] = []
            for (provider, _) in self.all {
                if let trouble = await provider.keysTrouble { all.append(trouble) }
            }
            return all
        }
    }

    private func found(_ issuer: String) -> (provider: Provider, staleness: UInt64)? {
        all.first { $0.provider.settings.issuer.text == issuer }
    }
}

extension Providers: BrowserProviders {
    package func begin(
        _ provider: Name, redirect: String
    ) async throws(AuthorityError) -> (url: String, state: String, attempt: [UInt8]) {
        guard let provider = named(provider) else { throw .refused(.conversationOver) }
        do {
            let (url, attempt) = try await provider.begin(redirect: redirect)
            return (url, attempt.state, attempt.encoded())
        } catch {
            throw .refused(.upstreamUnavailable, "\(provider.settings.name): \(error)")
        }
    }

    package func finish(_ attempt: [UInt8], with answer: BrowserAnswer) async -> BrowserEnding {
        guard let attempt = CodeAttempt(attempt), let provider = named(attempt.provider) else {
            return .refused(reason: "no such provider")
        }
        do {
            let vouched = try await provider.finish(
                attempt,
                with: CodeAnswer(
                    state: answer.state, code: answer.code, issuer: answer.issuer, error: answer.error))
            return .came(vouched.arrival)
        } catch {
            guard case .unavailable = error else { return .refused(reason: "\(error)") }
            return .unknown(reason: "\(error)")
        }
    }

    private func named(_ name: Name) -> Provider? {
        all.first { $0.provider.settings.name == name }?.provider
    }
}
