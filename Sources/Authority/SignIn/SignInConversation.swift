import Names
package import SSHFormats

/// The one sign-in conversation. Its state travels sealed with the caller, so any node can go on and a
/// million half-open conversations cost nothing.
package struct SignInConversation: Sendable {
    /// Seconds from the first request to the last answer.
    static let longest: UInt64 = 300
    /// Unicode scalars; no name is as long, but that is not said here.
    static let longestName = 256
    static let context = "sign-in"

    /// What may be asked for, the usual first.
    let governance: GovernanceGate
    package let ways: [SignInWay]
    let rounds: SignInRounds
    let recovery: RecoveryDesk

    private var check: FactorCheck { rounds.check }
    private var recorder: Recorder { rounds.recorder }

    /// Where an answer leads.
    package enum Reached: Sendable {
        case more(state: String, ask: [Prompt])
        case done(NewSession)
    }

    /// The opaque state and what to ask. The same for every name, known or not.
    ///
    /// - Parameter way: One of ``ways``, the first where nil; or ``SignInWay/recovery(_:)``. A factor of which several are
    ///   possible may go without its name where one way alone fits.
    package func start(
        name: String, with way: String? = nil, key: PublicKey, source: String
    ) async throws(AuthorityError) -> (state: String, ask: [Prompt]) {
        guard name.unicodeScalars.count <= SignInConversation.longestName else {
            throw .refused(.badName, "name: longer than 256 characters")
        }
        let vouching = Vouching.allCases.first { SignInWay.recovery($0).description == way }
        if let vouching { try await recovery.admit(vouching, key) }
        let back = vouching.map { SignInWay.recovery($0) }
        guard let way = back ?? way.map(found) ?? ways.first else {
            let offered = ways.map(\.description).joined(separator: ", ")
            throw .refused(.badRequest, "with: this authority takes \(offered)")
        }
        var progress = SignInProgress(
            id: Hexadecimal.text(check.world.random(16)), name: name, key: key.fingerprint,
            startedAt: check.world.now(), way: way)
        let ask = try await rounds.begin(&progress, source: source)
        return (try rounds.sealed(progress), ask)
    }

    private func found(_ text: String) -> SignInWay? {
        if let exact = ways.first(where: { $0.description == text }) { return exact }
        let fitting = ways.filter { $0.kinds == text }
        return fitting.count == 1 ? fitting.first : nil
    }

    /// Answers everything that was asked.
    ///
    /// - Throws: `.refused(.signInFailed)` for unknown, locked, suspended and wrong alike, after the same
    ///   work; `.refused(.conversationOver)` for a state that is old, altered, another key's, or that made a session
    ///   already; `.refused(.keyTaken)` for a recovery code with a key that is known. To whoever showed all factors: `.refused(.identitySuspended)` on a suspended device of theirs,
    ///   `.refused(.keyRevoked)` with a key that ended.
    package func answer(
        state: String, _ answers: [String: String], key: PublicKey, source: String, requestID: String,
        once: Once<Reached>
    ) async throws(AuthorityError) -> Outcome<Reached> {
        var progress = try rounds.opened(state) { $0.key == key.fingerprint }
        // Before anything is compared: with a key that is known, a code is no way in.
        if progress.isKnown, answers[Factor.recovery.rawValue] != nil { try await recovery.admit(key) }
        let step = try await rounds.answer(&progress, answers, source: source)
        let event = { (action: EventAction, actor: IdentityID?, details: [String: EventValue]) in
            Event(
                time: check.world.now(), action: action, actor: actor, subject: progress.name,
                requestID: requestID, source: source, details: details)
        }
        switch step {
        case .askOn(let ask): return Outcome(.more(state: try rounds.sealed(progress), ask: ask), nil)
        case .ask(let ask, let facts):
            return try await rounds.goOn(&progress, keeping: facts, once: once) { .more(state: $0, ask: ask) }
        case .refused(let reason, let person, let passed):
            throw await check.refuse(
                passed.held, event(.signInRefused, person, ["reason": .text(reason)]),
                telling: passed.notice, by: recorder)
        case .barred(let refusal, let person, let passed):
            await check.release(passed.held)
            throw await recorder.deny(
                Refused(refusal), event(.signInRefused, person, [:]), keeping: passed.facts)
        case .proven(let person, let passed):
            let device: IdentityID?
            do {
                device = try await self.device(of: person, key: key)
                try await governance.admit(
                    person, device: device, key: key,
                    except: passed.plan?.factors.contains(.password) ?? false
                        ? [.passwordAge, .knownPasswords] : [], at: check.world.now())
            } catch {
                await check.release(passed.held)
                guard case .refused(let refused) = error else { throw error }
                throw await recorder.deny(refused, event(.signInRefused, person.id, [:]))
            }
            if let plan = passed.plan {
                return try await begin(
                    anew: plan, progress, key, event(.recovered, person.id, plan.details), once)
            }
            let new = NewSession.start(
                id: progress.id, for: person.id, device: device, factors: progress.proven, boundTo: key,
                source: source, in: check.world)
            let outcome = try await recorder.record(
                passed.facts + [
                    new.fact, .keyUsed(key.fingerprint, at: new.session.startedAt, from: source),
                ],
                event(.signedIn, person.id, details(new.session)), Reached.done(new), once: once)
            try await check.settle(passed.held)
            return outcome
        }
    }

    /// Everything that was before ends, and this device and these factors are all there is.
    private func begin(
        anew plan: RecoveryPlan, _ progress: SignInProgress, _ key: PublicKey, _ event: Event,
        _ once: Once<Reached>
    ) async throws(AuthorityError) -> Outcome<Reached> {
        let now = event.time
        var new = NewSession.start(
            id: progress.id, for: plan.person, device: plan.device.id,
            factors: plan.factors.reduce(into: progress.proven) { $0[$1] = now }, boundTo: key,
            source: event.source, in: check.world)
        new.recoveryCodes = plan.codes
        let outcome = try await recovery.policies.turns.take { (unmoved) async throws(AuthorityError) in
            let ending = try await recovery.ending(plan, at: now)
            return try await recorder.record(
                [unmoved] + ending.facts
                    + plan.beginning(key, after: ending.former, at: now, from: event.source)
                    + [new.fact, .keyUsed(key.fingerprint, at: now, from: event.source)],
                event.with(details(new.session)), Reached.done(new), once: once)
        }
        try await check.settle(progress.attempts + progress.held)
        return outcome
    }

    /// The enrolled device whose key signs, if it is this person's; nil for other keys.
    private func device(of person: Identity, key: PublicKey) async throws(AuthorityError) -> IdentityID? {
        let registered: RegisteredKey?
        let holder: Identity?
        do {
            registered = try await check.directory.key(key.fingerprint)
            holder =
                if let registered { try await check.directory.identity(registered.identity) } else { nil }
        } catch {
            throw .store(error)
        }
        guard let registered else { return nil }
        let isOwn = holder.map { $0.id.kind == .device && $0.owner == person.id } ?? false
        if isOwn, let holder, holder.status == .suspended {
            throw .refused(.identitySuspended, "\(holder.id)")
        }
        guard registered.state == .active else {
            throw .refused(.keyRevoked, "\(key.fingerprint) is \(registered.state.rawValue)")
        }
        guard isOwn, let holder else { return nil }
        guard holder.status == .active else { throw .refused(.identitySuspended, "\(holder.id)") }
        return holder.id
    }

    private func details(_ session: Session) -> [String: EventValue] {
        var details: [String: EventValue] = [
            "session": .text(session.id), "factors": .list(session.factors.keys.map(\.rawValue).sorted()),
        ]
        if let device = session.device { details["device"] = .text(device.description) }
        return details
    }
}
