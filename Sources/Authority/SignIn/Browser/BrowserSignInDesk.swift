package import Names
import SSHFormats

/// Where a sign-in that began at a terminal meets the browser in which it goes on. The page knows of it by its address, the
/// browser by what must be typed, the provider's answer by its `state`, and what comes of it goes to the key that began.
package struct BrowserSignInDesk: Sendable {
    /// Sign-ins of one network that wait at once.
    static let most = 100

    let signIns: any BrowserSignIns
    let providers: any BrowserProviders
    let arrivals: UpstreamArrivals
    /// `https://ca.example.com:7443`, without a slash.
    let site: String
    let pace = PollPace()

    var recorder: Recorder { arrivals.recorder }
    private var now: UnixTime { recorder.world.now() }

    /// - Parameter site: Where browsers reach this authority: `https://NAME[:PORT]`.
    package init(
        _ store: any Authority.Store, providers: any BrowserProviders, arrivals: UpstreamArrivals,
        site: String
    ) {
        signIns = store
        self.providers = providers
        self.arrivals = arrivals
        self.site = site
    }

    /// What a browser that opens the address may be shown; nil for what there is not, or what is over.
    package func open(_ id: String) async throws(AuthorityError) -> BrowserSignIn? {
        guard id.utf8.count <= 64 else { return nil }
        let found: BrowserSignIn?
        do { found = try await signIns.browserSignIn(id: id) } catch { throw .store(error) }
        return found.flatMap { $0.isOpen(at: now) ? $0 : nil }
    }

    /// What comes of a code that was typed.
    package enum Typed: Sendable {
        /// To the provider.
        case goOn(to: String, Name)
        case wrong(BrowserSignIn)
        /// There is no such sign-in, or it is over.
        case over
        /// Somebody else typed at the same moment: nothing was looked at.
        case again(BrowserSignIn)
    }

    /// Sends the browser on if the code is right; too many codes end the sign-in.
    ///
    /// - Parameter browser: The secret of the browser, hashed: what comes back must come from it.
    /// - Throws: `.refused(.upstreamUnavailable)` where the provider cannot be asked.
    package func type(
        _ code: String, for id: String, browser: [UInt8], source: String, requestID: String
    ) async throws(AuthorityError) -> Typed {
        guard let found = try await open(id) else { return .over }
        // Counted before it is compared: of many that come at once each is one.
        let counted = found.next { $0.tries += 1 }
        guard try await keep(counted) else { return .again(found) }
        guard constantTimeEquals(BrowserCode.read(code), Array(found.code.utf8)) else {
            guard counted.tries >= BrowserSignIn.mostTries else { return .wrong(counted) }
            try await deny(counted, "wrong-codes", source: source, requestID: requestID)
            return .over
        }
        guard counted.tries <= BrowserSignIn.mostTries else { return .over }
        let (url, state, attempt) = try await providers.begin(
            found.provider, redirect: redirect(found.provider))
        let sealed: [UInt8]
        do { sealed = try recorder.sealing.seal(attempt, context: found.context) } catch {
            throw .sealing(error)
        }
        let sent = counted.next {
            $0.browser = browser
            $0.state = TokenHash.of(state)
            $0.attempt = sealed
        }
        return try await keep(sent) ? .goOn(to: url, found.provider) : .again(found)
    }

    /// What comes of an answer of the provider.
    package enum Returned: Sendable {
        case approved(Name)
        /// By the provider, or by what it said.
        case denied(Name)
        /// Nothing here waits for it: an unknown or used `state`, or another browser.
        case foreign
    }

    /// - Parameter provider: Whose address the browser was led to: what another one led there counts for nothing.
    package func take(
        _ answer: BrowserAnswer, of provider: Name, browser: [UInt8], source: String, requestID: String
    ) async throws(AuthorityError) -> Returned {
        let found: BrowserSignIn?
        do { found = try await signIns.browserSignIn(state: TokenHash.of(answer.state)) } catch {
            throw .store(error)
        }
        guard let found, found.provider == provider, found.isOpen(at: now), let sealed = found.attempt,
            let holder = found.browser,
            constantTimeEquals(holder, browser)
        else { return .foreign }
        // Used from here on, whatever comes of it.
        let used = found.next { $0.attempt = nil }
        guard try await keep(used) else { return .foreign }
        let attempt: [UInt8]
        do { attempt = try recorder.sealing.open(sealed, context: found.context) } catch {
            throw .sealing(error)
        }
        switch await providers.finish(attempt, with: answer) {
        case .came(let arrival):
            try await approve(used, arrival, source: source, requestID: requestID)
            return .approved(found.provider)
        case .refused(let reason):
            try await deny(used, reason, source: source, requestID: requestID)
            return .denied(found.provider)
        case .unknown(let reason):
            try await deny(used, reason, source: source, requestID: requestID)
            throw .refused(.upstreamUnavailable, "\(found.provider)")
        }
    }

    /// Where the provider sends the browser to: each to an address of its own (RFC 9700 §4.4.2.2).
    private func redirect(_ provider: Name) -> String { "\(site)/sign-in/callback/\(provider)" }

    private func approve(
        _ used: BrowserSignIn, _ arrival: UpstreamArrival, source: String, requestID: String
    ) async throws(AuthorityError) {
        let sealed: [UInt8]
        do { sealed = try recorder.sealing.seal(arrival.encoded(), context: used.context) } catch {
            throw .sealing(error)
        }
        let approved = used.next {
            $0.decision = .approved
            $0.arrival = sealed
        }
        try await keep(
            approved,
            event(.signInApproved, used, source, requestID, ["subject": .text(arrival.account.subject)]))
    }

    private func deny(
        _ found: BrowserSignIn, _ reason: String, source: String, requestID: String
    ) async throws(AuthorityError) {
        let event = event(.signInDenied, found, source, requestID, ["reason": .text(reason)])
        try await keep(found.next { $0.decision = .denied }, event)
    }

    private func event(
        _ action: EventAction, _ signIn: BrowserSignIn, _ source: String, _ requestID: String,
        _ details: [String: EventValue]
    ) -> Event {
        let common: [String: EventValue] = [
            "provider": .text(signIn.provider.text), "asked-from": .text(signIn.source),
        ]
        return Event(
            time: now, action: action, actor: nil, subject: signIn.id, requestID: requestID, source: source,
            details: common.merging(details) { $1 })
    }

    /// Whether nothing else became of it meanwhile.
    private func keep(_ moved: BrowserSignIn) async throws(AuthorityError) -> Bool {
        do {
            _ = try await recorder.journal.record(Entry([.browserSignInMoved(moved)], event: nil))
            return true
        } catch .conflict(.stepUsed) {
            return false
        } catch {
            throw .store(error)
        }
    }

    private func keep(_ moved: BrowserSignIn, _ event: Event) async throws(AuthorityError) {
        do { _ = try await recorder.journal.record(Entry([.browserSignInMoved(moved)], event: event)) } catch
        {
            throw .store(error)
        }
    }
}
