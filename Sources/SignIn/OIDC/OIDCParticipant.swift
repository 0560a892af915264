package import Authority
import Names
import SSHFormats

/// Single sign-on as a factor: the browser goes to the provider and comes back with a code, to the client where both are on
/// one machine, else to this authority itself.
///
/// It asks twice: first where the browser is to bring the code, then for what it brought, or to wait.
package struct OIDCParticipant: Participant {
    /// The answer to the first question: where the client listens.
    static let redirect = "redirect"

    let provider: Provider
    let arrivals: UpstreamArrivals
    /// For clients without a browser.
    let browsers: BrowserSignInDesk

    package init(_ provider: Provider, arrivals: UpstreamArrivals, browsers: BrowserSignInDesk) {
        self.provider = provider
        self.arrivals = arrivals
        self.browsers = browsers
    }

    package var name: String { "oidc:\(provider.settings.name)" }
    package var factor: Factor { .oidc }
    package var canBeGuessed: Bool { false }

    package func begin(_ about: ConversationFacts) async throws(AuthorityError) -> Asked {
        let name = provider.settings.name
        var prompt = Prompt(
            .text, Self.redirect,
            "Where the browser shall bring the code: http://127.0.0.1:PORT\(LoopbackRedirect.path(name))")
        prompt.url = "http://127.0.0.1\(LoopbackRedirect.path(name))"
        prompt.choices = provider.settings.redirectPorts.map { String($0) }
        prompt.instead = BrowserSignInDesk.answer
        return Asked([prompt], memory: [])
    }

    package func answer(
        _ answers: [String: String], memory: [UInt8], _ about: ConversationFacts
    ) async throws(AuthorityError) -> Turn {
        guard !memory.isEmpty else { return try await open(answers, about) }
        guard !BrowserSignInDesk.isMemory(memory) else {
            return try await browsers.look(memory, factor: name, about)
        }
        guard let attempt = CodeAttempt(memory) else { throw .refused(.conversationOver) }
        let answer = CodeAnswer(
            state: answers["state"], code: answers["code"], issuer: answers["iss"], error: answers["error"])
        let vouched: Vouched
        do { vouched = try await provider.finish(attempt, with: answer) } catch {
            guard case .unavailable = error else { return .failed(reason: "\(name) \(error)") }
            throw .refused(.upstreamUnavailable, "\(name): \(error)")
        }
        return try await arrivals.turn(vouched.arrival, factor: name, about)
    }

    /// Where the browser goes.
    private func open(
        _ answers: [String: String], _ about: ConversationFacts
    ) async throws(AuthorityError) -> Turn {
        if answers.count == 1, let client = answers[BrowserSignInDesk.answer] {
            return .ask(try await browsers.ask(provider.settings.name, client: client, about))
        }
        let path = LoopbackRedirect.path(provider.settings.name)
        guard answers.count == 1, let text = answers[Self.redirect],
            let redirect = LoopbackRedirect(text, of: provider.settings.name)
        else {
            throw .refused(
                .badRequest,
                "redirect: http://127.0.0.1:PORT\(path) or http://[::1]:PORT\(path); else headless")
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
}
