import Names
import SSHFormats

/// Takes a conversation from factor to factor. Which of them failed is not told: all are asked for, then it is refused.
struct SignInRounds: Sendable {
    let check: FactorCheck
    let participants: [String: any Participant]
    let recorder: Recorder
    /// Whether a recovery code is taken in the authenticator's place.
    let withRecovery: Bool

    /// Where a conversation has come to.
    enum Step: Sendable {
        /// `keep` is what the factors so far came to.
        case ask([Prompt], keep: [Fact])
        case proven(Identity, Passed)
        case refused(reason: String, person: IdentityID?, Passed)
    }

    /// What a round came to.
    struct Passed: Sendable {
        var facts: [Fact] = []
        var codesLeft: Int?
        /// To be settled once the facts are kept.
        var attempts: [Attempt] = []
        /// For whoever is guessed at.
        var notice: Fact?
        /// Reservations that no wrong guess stands for.
        var unused: [Attempt] = []
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
        let asked = try await participant.begin(try await facts(progress, source))
        return try keep(asked, in: &progress)
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
            return .ask(try keep(asked, in: &progress), keep: [])
        case .failed(let reason):
            progress.failure = progress.failure ?? reason
            return try await next(&progress, Passed(), source: source)
        case .proven(let id, let facts):
            try await take(id, participant.factor, in: &progress)
            guard progress.failure == nil else {
                return try await next(&progress, Passed(), source: source)
            }
            let passed = Passed(facts: facts, attempts: progress.attempts)
            return try await next(&progress, passed, source: source)
        }
    }

    /// Password and codes, which the authority compares by itself.
    private func compare(
        _ progress: inout SignInProgress, _ answers: [String: String], source: String
    ) async throws(AuthorityError) -> Step {
        let shown = try ShownFactors(answers)
        try allow(shown, in: progress)
        // After a failure nobody is meant: the same work, for a name that is none.
        let name = progress.failure == nil ? progress.person?.name.text ?? progress.name : ""
        switch try await check.check(name: name, shown, source: source) {
        case .failed(let reason, let notice, let unused):
            progress.failure = progress.failure ?? reason
            return try await next(&progress, Passed(notice: notice, unused: unused), source: source)
        case .proven(let person, let facts, let codesLeft, let attempts):
            progress.person = person.id
            for factor in shown.factors { progress.proven[factor] = check.world.now() }
            let passed = Passed(facts: facts, codesLeft: codesLeft, attempts: attempts)
            return try await next(&progress, passed, source: source)
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
        if progress.isThrough {
            if progress.failure == nil, let id = progress.person, let person = try await identity(id) {
                return .proven(person, passed)
            }
            return .refused(reason: progress.failure ?? "nobody", person: progress.person, passed)
        }
        try await check.settle(passed.attempts)
        await check.release(passed.unused)
        if progress.failure != nil, passed.facts.isEmpty {
            // As long as keeping facts takes, so that time does not tell.
            _ = try await check.reserve(
                .password, of: nil, name: progress.name, source: source, at: check.world.now())
        }
        let prompts = try await begin(&progress, source: source)
        return .ask(prompts, keep: passed.facts + [passed.notice].compactMap(\.self))
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
        progress.proven[factor] = check.world.now()
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
        if let notice = check.notice(person, source, now) { try await recorder.keep([notice]) }
    }

    /// Whose account it is; nobody's once something failed.
    private func meant(_ progress: SignInProgress) async throws(AuthorityError) -> Identity? {
        guard progress.failure == nil else { return nil }
        let person: Identity?
        if let id = progress.person {
            person = try await identity(id)
        } else {
            person = try await check.person(progress.name)
        }
        return person?.status == .active ? person : nil
    }

    private func facts(
        _ progress: SignInProgress, _ source: String
    ) async throws(AuthorityError) -> ConversationFacts {
        ConversationFacts(
            id: progress.id, name: progress.name, person: try await meant(progress), key: progress.key,
            source: source, startedAt: progress.startedAt)
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
