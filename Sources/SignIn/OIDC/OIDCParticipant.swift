package import Authority
import Names
import SSHFormats

/// Single sign-on as a factor: the browser goes to the provider and comes back with a code, which the client brings here.
///
/// It asks twice: first where the browser is to bring the code, then for what it brought.
package struct OIDCParticipant: Participant {
    /// The answer to the first question: where the client listens.
    static let redirect = "redirect"

    let provider: Provider
    let links: any UpstreamLinks
    let sealing: any SecretSealing

    package init(_ provider: Provider, links: any UpstreamLinks, sealing: any SecretSealing) {
        self.provider = provider
        self.links = links
        self.sealing = sealing
    }

    package var name: String { "oidc:\(provider.settings.name)" }
    package var factor: Factor { .oidc }
    package var canBeGuessed: Bool { false }

    package func begin(_ about: ConversationFacts) async throws(AuthorityError) -> Asked {
        var prompt = Prompt(
            .text, Self.redirect, "Where the browser shall bring the code: http://127.0.0.1:PORT/callback")
        prompt.choices = provider.settings.redirectPorts.map { String($0) }
        return Asked([prompt], memory: [])
    }

    package func answer(
        _ answers: [String: String], memory: [UInt8], _ about: ConversationFacts
    ) async throws(AuthorityError) -> Turn {
        guard !memory.isEmpty else { return try await open(answers) }
        guard let attempt = CodeAttempt(memory) else { throw .refused(.conversationOver) }
        let answer = CodeAnswer(
            state: answers["state"], code: answers["code"], issuer: answers["iss"], error: answers["error"])
        let vouched: Vouched
        do { vouched = try await provider.finish(attempt, with: answer) } catch {
            guard case .unavailable = error else { return .failed(reason: "\(name) \(error)") }
            throw .refused(.upstreamUnavailable, "\(name): \(error)")
        }
        return try await proven(vouched)
    }

    /// Where the browser goes.
    private func open(_ answers: [String: String]) async throws(AuthorityError) -> Turn {
        guard answers.count == 1, let redirect = answers[Self.redirect].flatMap(LoopbackRedirect.init) else {
            throw .refused(
                .badRequest, "redirect: http://127.0.0.1:PORT/callback or http://[::1]:PORT/callback")
        }
        let ports = provider.settings.redirectPorts
        guard ports.isEmpty || ports.contains(redirect.port) else {
            throw .refused(.badRequest, "redirect: the provider knows the ports \(ports)")
        }
        do {
            let (url, attempt) = try await provider.begin(redirect: redirect.text)
            var prompt = Prompt(.openURL, "code", "Sign in at \(provider.settings.name) in your browser")
            prompt.url = url
            return .ask(Asked([prompt], memory: attempt.encoded()))
        } catch {
            throw .refused(.upstreamUnavailable, "\(name): \(error)")
        }
    }

    /// The person whose account it is. Nothing but issuer and subject decides that.
    private func proven(_ vouched: Vouched) async throws(AuthorityError) -> Turn {
        let account = UpstreamSubject(issuer: provider.settings.issuer.text, subject: vouched.subject)
        let link: UpstreamLink?
        do { link = try await links.upstreamLink(account) } catch { throw .store(error) }
        guard let link else { return .failed(reason: "\(name) account that is not linked") }
        var sealed: [UInt8]?
        if let token = vouched.token {
            do { sealed = try sealing.seal(token.bytes, context: account.context) } catch {
                throw .sealing(error)
            }
        }
        var facts = [Fact.upstreamStood(account, token: sealed, at: provider.world.now())]
        if let groups = vouched.groups {
            facts.append(.groupsSet(link.person, source: account.source, groups))
        }
        return .proven(link.person, facts: facts)
    }
}
