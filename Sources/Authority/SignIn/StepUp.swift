import Names
import SSHFormats

/// Goes on with the sign-in conversation of a session that runs: factors are shown again, or others as well. The session
/// stays what it is and ends when it would have ended.
package struct StepUp: Sendable {
    static let context = "step-up"

    let rounds: SignInRounds
    let links: any UpstreamLinks
    let upstream: any Upstream

    private var check: FactorCheck { rounds.check }
    private var recorder: Recorder { rounds.recorder }

    /// Where an answer leads.
    package enum Reached: Sendable {
        case more(state: String, ask: [Prompt])
        case done(Session)
    }

    /// The opaque state, and what to ask first.
    ///
    /// - Parameter names: Factors or, where several are of a kind, participants: `totp`, `oidc:corp`.
    package func start(
        _ names: [String], by requester: Requester
    ) async throws(AuthorityError) -> (state: String, ask: [Prompt]) {
        guard let session = requester.session else { throw .refused(.notSignedIn) }
        var progress = SignInProgress(
            id: session.id, name: requester.identity.id.name.text, key: session.boundTo,
            startedAt: check.world.now(),
            way: SignInWay(names: try await ordered(names, of: requester.identity.id)))
        let ask = try await rounds.begin(&progress, source: requester.source)
        return (try rounds.sealed(progress), ask)
    }

    /// - Returns: The session with the new times of its factors, or what to ask next.
    /// - Throws: `.refused(.signInFailed)` for wrong and locked alike, `.refused(.conversationOver)` for a state that is old,
    ///   altered or another session's, `.refused(.badRequest)` for answers to what was not asked.
    package func answer(
        state: String, _ answers: [String: String], by requester: Requester, once: Once<Reached>
    ) async throws(AuthorityError) -> Outcome<Reached> {
        guard var session = requester.session else { throw .refused(.notSignedIn) }
        var progress = try rounds.opened(state) { $0.id == session.id }
        let step = try await rounds.answer(&progress, answers, source: requester.source)
        let event = { (details: [String: EventValue]) in
            Event(
                .steppedUp, by: requester, on: session.id, at: check.world.now(),
                details: details.merging(["factors": .list(progress.way.names)]) { told, _ in told })
        }
        switch step {
        case .askOn(let ask): return Outcome(.more(state: try rounds.sealed(progress), ask: ask), nil)
        case .ask(let ask, let facts):
            return try await rounds.goOn(&progress, keeping: facts, once: once) { .more(state: $0, ask: ask) }
        case .refused(let reason, _, let passed):
            throw await check.refuse(
                passed.held, event(["reason": .text(reason)]), telling: passed.notice, by: recorder)
        case .barred(let refusal, _, let passed):
            await check.release(passed.held)
            throw await recorder.deny(Refused(refusal), event([:]), keeping: passed.facts)
        case .proven(_, let passed):
            session.factors.merge(progress.proven) { _, new in new }
            let outcome = try await recorder.record(
                passed.facts + [.factorsShown(session: session.id, session.factors)], event([:]),
                Reached.done(session), once: once)
            try await check.settle(passed.held)
            return outcome
        }
    }

    /// Those that can be shown here, password and authenticator first. A factor goes without the name of its provider: there
    /// is one alone, or it is the first of those where the person has an account.
    private func ordered(
        _ names: [String], of person: IdentityID
    ) async throws(AuthorityError) -> [String] {
        let offered = ["password", "totp"] + rounds.participants.keys.sorted()
        var wanted: Set<String> = []
        for name in names {
            let ofKind = offered.filter { $0.prefix { $0 != ":" } == name }
            if ofKind.count > 1 {
                let linked = try await linked(person)
                guard let known = ofKind.first(where: linked.contains) else {
                    throw .refused(
                        .badRequest,
                        "factors: no account at any of \(ofKind.joined(separator: ", ")); an admin links one with "
                            + "`reeve person link`")
                }
                wanted.insert(known)
            } else {
                wanted.insert(ofKind.first ?? name)
            }
        }
        let known = offered.filter(wanted.contains)
        guard !known.isEmpty, known.count == names.count, known.count <= 4 else {
            throw .refused(.badRequest, "factors: one to four of \(offered.joined(separator: ", "))")
        }
        return known
    }

    /// The participants that ask a provider where the person has an account.
    private func linked(_ person: IdentityID) async throws(AuthorityError) -> Set<String> {
        let issuers: Set<String>
        do { issuers = Set(try await links.upstreamLinks(of: person).map(\.account.issuer)) } catch {
            throw .store(error)
        }
        return Set(
            rounds.participants.keys.filter { name in
                let provider = name.split(separator: ":", maxSplits: 1).last.map(String.init)
                return provider.flatMap(upstream.issuer).map(issuers.contains) ?? false
            })
    }
}
