import Names
import SSHFormats

/// Goes on with the sign-in conversation of a session that runs: factors are shown again, or others as well. The session
/// stays what it is and ends when it would have ended.
package struct StepUp: Sendable {
    private static let context = "step-up"
    /// What can be shown here.
    package static let factors: [Factor] = [.password, .totp]

    let check: FactorCheck
    let recorder: Recorder

    /// The opaque state; the factors are asked for in the order given.
    package func start(
        _ factors: [Factor], by requester: Requester
    ) throws(AuthorityError) -> (state: String, ask: [SignInConversation.Prompt]) {
        guard let session = requester.session else { throw .refused(.notSignedIn) }
        let known = StepUp.factors.filter(factors.contains)
        guard !known.isEmpty, known.count == factors.count else {
            throw .refused(.badRequest, "factors: password, totp or both")
        }
        var writer = WireWriter()
        writer.uint64(check.world.now().seconds)
        writer.string(session.id)
        writer.string(known.map(\.rawValue).joined(separator: " "))
        do {
            let sealed = try check.sealing.seal(writer.bytes, context: StepUp.context)
            return (Hexadecimal.text(sealed), known.map { $0 == .password ? .password : .totp })
        } catch {
            throw .sealing(error)
        }
    }

    /// - Returns: The session with the new times of its factors.
    /// - Throws: `.refused(.signInFailed)` for wrong and locked alike, `.refused(.conversationOver)` for a state that is old,
    ///   altered, another session's, or that asked for something else.
    package func answer(
        state: String, _ shown: ShownFactors, by requester: Requester, once: Once<Session>
    ) async throws(AuthorityError) -> Outcome<Session> {
        guard var session = requester.session else { throw .refused(.notSignedIn) }
        let now = check.world.now()
        guard let asked = opened(state, session, at: now), asked == shown.factors.map(\.rawValue) else {
            throw .refused(.conversationOver)
        }
        try shown.check()
        let verdict = try await check.check(
            name: requester.identity.id.name.text, shown, source: requester.source)
        let event = { (details: [String: EventValue]) in
            Event(
                .steppedUp, by: requester, on: session.id, at: now,
                details: details.merging(["factors": .list(asked)]) { told, _ in told })
        }
        switch verdict {
        case .failed(let reason, let notice, let unused):
            throw await check.refuse(
                unused, event(["reason": .text(reason)]), telling: notice, by: recorder)
        case .proven(_, let facts, _, let attempts):
            for factor in shown.factors { session.factors[factor] = now }
            let outcome = try await recorder.record(
                facts + [.factorsShown(session: session.id, session.factors)], event([:]), session, once: once
            )
            try await check.settle(attempts)
            return outcome
        }
    }

    private func opened(_ state: String, _ session: Session, at now: UnixTime) -> [String]? {
        guard let sealed = Hexadecimal.bytes(state),
            let plain = try? check.sealing.open(sealed, context: StepUp.context)
        else { return nil }
        var reader = WireReader(plain)
        guard let seconds = try? reader.uint64(), let id = try? reader.text(limit: 64),
            let factors = try? reader.text(limit: 64), (try? reader.end()) != nil, id == session.id,
            now < UnixTime(seconds).advanced(by: Int64(SignInConversation.longest))
        else { return nil }
        return factors.split(separator: " ").map(String.init)
    }
}
