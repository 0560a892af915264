import Names
import SSHFormats

/// Takes a conversation from factor to factor. Which of them failed is not told: all are asked for, then it is refused.
struct SignInRounds: Sendable {
    let check: FactorCheck
    let participants: [String: any Participant]
    let recorder: Recorder
    /// What its states are sealed for, so that none is taken for another's.
    let context: String
    /// Whether a recovery code is taken in the authenticator's place.
    let withRecovery: Bool

    /// Where a conversation has come to.
    enum Step: Sendable {
        /// The same factor has another question.
        case askOn([Prompt])
        /// The next round begins; `keep` is what the last one came to.
        case ask([Prompt], keep: [Fact])
        case proven(Identity, Passed)
        case refused(reason: String, person: IdentityID?, Passed)
        /// All factors are proven, and still the person is kept out.
        case barred(Refusal, IdentityID, Passed)
    }

    /// What a round came to, and at the end all of them.
    struct Passed: Sendable {
        var facts: [Fact] = []
        /// What is set anew with it.
        var plan: RecoveryPlan?
        /// Tries that no wrong guess stands for: settled once a session is kept, else given back.
        var held: [Attempt] = []
        /// For whoever is guessed at.
        var notice: Fact?
    }

    /// What this round asks for first.
    func begin(
        _ progress: inout SignInProgress, source: String
    ) async throws(AuthorityError) -> [Prompt] {
        if progress.isKnown {
            return progress.round.map { name in
                name == "password" ? .password : withRecovery ? .totpOrRecovery : .totp
            }
        }
        let participant = try participant(of: progress)
        if participant.canBeGuessed { try await reserve(&progress, participant.factor, source: source) }
        do {
            let asked = try await participant.begin(try await facts(progress, source))
            return try keep(asked, in: &progress)
        } catch {
            // Nothing was guessed yet.
            await check.release(progress.attempts)
            throw error
        }
    }

    func answer(
        _ progress: inout SignInProgress, _ answers: [String: String], source: String
    ) async throws(AuthorityError) -> Step {
        if progress.isKnown { return try await compare(&progress, answers, source: source) }
        let participant = try participant(of: progress)
        switch try await participant.answer(
            answers, memory: progress.memory, try await facts(progress, source))
        {
        case .ask(let asked):
            return .askOn(try keep(asked, in: &progress))
        case .failed(let reason):
            progress.failure = progress.failure ?? reason
            return try await next(&progress, Passed(), source: source)
        case .recovered(let plan):
            try await take(plan.person, participant.factor, in: &progress)
            return try await next(&progress, Passed(plan: plan, held: progress.attempts), source: source)
        case .barred(let id, let refusal):
            progress.bar = progress.bar ?? refusal
            try await take(id, participant.factor, in: &progress)
            let passed = progress.failure == nil ? Passed(held: progress.attempts) : Passed()
            return try await next(&progress, passed, source: source)
        case .proven(let id, let facts):
            try await take(id, participant.factor, in: &progress)
            guard progress.failure == nil else {
                return try await next(&progress, Passed(), source: source)
            }
            let passed = Passed(facts: facts, held: progress.attempts)
            return try await next(&progress, passed, source: source)
        }
    }

    /// The state as the caller carries it.
    func sealed(_ progress: SignInProgress) throws(AuthorityError) -> String {
        do { return Hexadecimal.text(try check.sealing.seal(progress.encoded(), context: context)) } catch {
            throw .sealing(error)
        }
    }

    /// - Throws: `.refused(.conversationOver)` for a state that is old, altered or not the caller's.
    func opened(
        _ state: String, isTheirs: (SignInProgress) -> Bool
    ) throws(AuthorityError) -> SignInProgress {
        guard let sealed = Hexadecimal.bytes(state),
            let plain = try? check.sealing.open(sealed, context: context),
            let progress = SignInProgress(plain), isTheirs(progress),
            check.world.now() < progress.startedAt.advanced(by: Int64(progress.way.longest))
        else { throw .refused(.conversationOver) }
        return progress
    }

    /// Keeps what a round came to, and answers with the state for the next one. A code that was used before is told at the
    /// end, as all else is.
    func goOn<Value>(
        _ progress: inout SignInProgress, keeping facts: [Fact], once: Once<Value>,
        _ reply: (String) -> Value
    ) async throws(AuthorityError) -> Outcome<Value> {
        do throws(AuthorityError) {
            return try await recorder.keep(facts, reply(try sealed(progress)), once: once)
        } catch {
            guard case .refused(let refused) = error, refused.refusal == .signInFailed else { throw error }
            progress.failure = progress.failure ?? "code-used"
            return Outcome(reply(try sealed(progress)), nil)
        }
    }

    /// Password and codes, which the authority compares by itself.
    private func compare(
        _ progress: inout SignInProgress, _ answers: [String: String], source: String
    ) async throws(AuthorityError) -> Step {
        let shown = try ShownFactors(answers)
        try allow(shown, in: progress)
        // After a failure nobody is meant: the same work all the same.
        let name = progress.person?.name.text ?? progress.name
        let isNobody = progress.failure != nil
        switch try await check.check(name: name, shown, source: source, isNobody: isNobody) {
        case .failed(let reason, let notice, let unused):
            progress.failure = progress.failure ?? reason
            progress.isGuessedAt = progress.isGuessedAt || notice != nil
            return try await next(&progress, Passed(held: unused), source: source)
        case .proven(let person, let facts, let code, let attempts):
            progress.person = person.id
            progress.code = code
            for factor in shown.factors { progress.proven[factor] = check.world.now() }
            return try await next(&progress, Passed(facts: facts, held: attempts), source: source)
        }
    }

    private func allow(_ shown: ShownFactors, in progress: SignInProgress) throws(AuthorityError) {
        let asked = progress.round
        let given = shown.factors.map(\.rawValue)
        let instead = given.map { withRecovery && $0 == "recovery" ? "totp" : $0 }
        guard Set(asked) == Set(instead), asked.count == given.count else {
            throw .refused(
                .badRequest,
                "answers: \(asked.joined(separator: ", "))"
                    + (withRecovery && asked.contains("totp") ? "; recovery in place of totp" : ""))
        }
        try shown.check()
    }

    private func next(
        _ progress: inout SignInProgress, _ passed: Passed, source: String
    ) async throws(AuthorityError) -> Step {
        progress.position += progress.round.count
        progress.attempts = []
        progress.memory = []
        progress.held += passed.held
        guard progress.isThrough else {
            return .ask(try await begin(&progress, source: source), keep: passed.facts)
        }
        if progress.failure == nil, progress.bar == nil, progress.code != nil, !progress.way.endsAnew {
            // Whoever showed a recovery code sets everything anew, and is not in before.
            progress.way = progress.way.endingAnew
            return .ask(try await begin(&progress, source: source), keep: passed.facts)
        }
        var passed = passed
        passed.held = progress.held
        if progress.failure == nil, let id = progress.person, let person = try await identity(id) {
            if let bar = progress.bar { return .barred(bar, id, passed) }
            return .proven(person, passed)
        }
        if progress.isGuessedAt {
            let named = try await check.person(progress.person?.name.text ?? progress.name)
            passed.notice = check.notice(named, source, check.world.now())
        }
        return .refused(reason: progress.failure ?? "nobody", person: progress.person, passed)
    }

    /// A factor proved this person: they must be the one who is meant, and active.
    private func take(
        _ id: IdentityID, _ factor: Factor, in progress: inout SignInProgress
    ) async throws(AuthorityError) {
        guard progress.failure == nil else { return }
        let isNamed = progress.name.isEmpty || id.name.text == progress.name
        guard id.kind == .person, isNamed, progress.person.map({ $0 == id }) ?? true else {
            progress.failure = "another-person"
            return
        }
        guard try await identity(id)?.status == .active else {
            progress.failure = "suspended"
            return
        }
        progress.person = id
        // A proof that could be shown again within the conversation counts from its beginning.
        progress.proven[factor] = progress.startedAt
    }

    private func reserve(
        _ progress: inout SignInProgress, _ factor: Factor, source: String
    ) async throws(AuthorityError) {
        let person = try await meant(progress)
        let now = check.world.now()
        let reserved = try await check.reserve(
            factor, of: person, name: progress.name, source: source, at: now)
        progress.attempts = reserved.attempts
        guard reserved.isLocked else { return }
        progress.failure = progress.failure ?? "locked"
        progress.isGuessedAt = true
    }

    /// Whose account it is; nobody's once something failed, which is looked for all the same.
    private func meant(_ progress: SignInProgress) async throws(AuthorityError) -> Identity? {
        let person: Identity?
        if let id = progress.person {
            person = try await identity(id)
        } else {
            person = try await check.person(progress.name)
        }
        return progress.failure == nil && person?.status == .active ? person : nil
    }

    private func facts(
        _ progress: SignInProgress, _ source: String
    ) async throws(AuthorityError) -> ConversationFacts {
        let isStepUp = context == StepUp.context
        return ConversationFacts(
            id: progress.id, name: progress.name, person: try await meant(progress), key: progress.key,
            source: source, startedAt: progress.startedAt, code: progress.code,
            isLast: progress.position + 1 == progress.way.names.count,
            isAlone: context == SignInConversation.context && progress.way.names.count == 1,
            session: isStepUp ? try await check.person(progress.name)?.id : nil)
    }

    private func keep(_ asked: Asked, in progress: inout SignInProgress) throws(AuthorityError) -> [Prompt] {
        guard asked.memory.count <= SignInProgress.longestMemory, !asked.prompts.isEmpty else {
            throw .mismatch("a factor asks for nothing, or remembers too much")
        }
        progress.memory = asked.memory
        return asked.prompts
    }

    private func participant(of progress: SignInProgress) throws(AuthorityError) -> any Participant {
        guard let name = progress.round.first, let participant = participants[name] else {
            throw .refused(.conversationOver)
        }
        return participant
    }

    private func identity(_ id: IdentityID) async throws(AuthorityError) -> Identity? {
        do { return try await check.directory.identity(id) } catch { throw .store(error) }
    }
}
