import Names
import SSHFormats

/// Compares a password and a code with what is stored, with the same work for unknown, locked and wrong.
struct FactorCheck: Sendable {
    static let longestPassword = 1024
    static let buckets: UInt64 = 4096
    /// An id that nobody has: a person's name is shorter.
    private static let nobody = (try? Name(host: String(repeating: "0", count: 64))).map {
        IdentityID(.person, $0)
    }

    let directory: any Directory
    let credentials: any Credentials
    let hashing: any PasswordHashing
    let sealing: any SecretSealing
    let world: World
    let limits: AttemptLimits
    let knownPasswords: KnownPasswords

    /// What a check came to. Only the ledger learns the reason.
    enum Verdict: Sendable {
        /// `facts` take what may be used once, but for a recovery code, which is taken with what is set anew: `code` is it, as
        /// it is stored.
        case proven(Identity, facts: [Fact], code: [UInt8]?, attempts: [Attempt])
        /// `notice` is for the person; `unused` are reservations that no wrong guess stands for.
        case failed(reason: String, notice: Fact?, unused: [Attempt])
    }

    /// - Parameter isNobody: Whether it shall fail whatever is shown, after the same work.
    func check(
        name: String, _ shown: ShownFactors, source: String, isNobody: Bool = false
    ) async throws(AuthorityError) -> Verdict {
        let named = try await person(name)
        let person = isNobody ? nil : named
        let now = world.now()
        let account = person.map { $0.id.description } ?? bucket(of: name)
        let attempts = shown.factors.map {
            Attempt(account: account, factor: $0, source: SourceNetwork.of(source), at: now)
        }
        let held = try await reserve(attempts, decoy: bucket(of: name))
        let locked = held.count < attempts.count
        let stored = try await stored(for: locked ? nil : person, shown)
        let found = try await compare(shown, stored, at: now)
        guard let person, !locked, person.status == .active, stored.has(shown.factors) else {
            return .failed(
                reason: reason(person, locked), notice: locked ? notice(person, source, now) : nil,
                unused: locked ? held : [])
        }
        guard let wrong = found.wrong.first else {
            let facts = [
                found.step.map { Fact.totpStepTaken(person.id, step: $0) },
                shown.password.flatMap { password -> Fact? in
                    guard knownPasswords.contains(password) else { return nil }
                    return Fact.noticed(person.id, Notice(.knownPassword, at: now, source: source))
                },
            ].compactMap(\.self)
            return .proven(person, facts: facts, code: found.code, attempts: attempts)
        }
        return .failed(
            reason: Self.reason(wrong), notice: nil,
            unused: attempts.filter { !found.wrong.contains($0.factor) })
    }

    /// What is stored of a person; nothing for unknown and locked ones.
    private struct Stored {
        var hash: String?
        var seed: [UInt8]?
        var codeKey: [UInt8]?
        var codes: [[UInt8]] = []

        func has(_ factors: [Factor]) -> Bool {
            factors.allSatisfy { factor in
                switch factor {
                case .password: hash != nil
                case .totp: seed != nil
                case .recovery: codeKey != nil
                case .webauthn, .oidc, .pam, .sshkey, .device: false
                }
            }
        }
    }

    /// What of it was right: the same work, whatever is stored.
    private struct Compared {
        /// In the order of ``ShownFactors/factors``.
        var wrong: [Factor] = []
        var step: UInt64?
        var code: [UInt8]?
    }

    private func compare(
        _ shown: ShownFactors, _ stored: Stored, at now: UnixTime
    ) async throws(AuthorityError) -> Compared {
        var found = Compared()
        if let password = shown.password {
            let isRight: Bool
            do { isRight = try await hashing.matches(password, stored.hash) } catch { throw .hashing(error) }
            if !isRight { found.wrong.append(.password) }
        }
        if let code = shown.code {
            found.step = TOTP.step(of: code, secret: stored.seed ?? world.random(TOTP.secretLength), at: now)
            if found.step == nil { found.wrong.append(.totp) }
        }
        if let code = shown.recoveryCode {
            let hash = RecoveryCodes.hash(code, key: stored.codeKey ?? world.random(32))
            for stored in stored.codes where constantTimeEquals(stored, hash) { found.code = stored }
            if found.code == nil { found.wrong.append(.recovery) }
        }
        return found
    }

    /// Whoever is guessed at is told.
    func notice(_ person: Identity?, _ source: String, _ now: UnixTime) -> Fact? {
        person.map { .noticed($0.id, Notice(.attemptsLocked, at: now, source: source)) }
    }

    private static func reason(_ wrong: Factor) -> String {
        switch wrong {
        case .totp: "wrong-code"
        case .recovery: "wrong-recovery-code"
        case .password, .webauthn, .oidc, .pam, .sshkey, .device: "wrong-\(wrong.rawValue)"
        }
    }

    /// After everything else succeeded: the source's failures are forgotten.
    func settle(_ attempts: [Attempt]) async throws(AuthorityError) {
        for attempt in attempts {
            do { try await credentials.settle(attempt, .succeeded) } catch { throw .store(error) }
        }
    }

    /// Records the refusal and meanwhile gives back what no wrong guess stands for: a store that shares its
    /// commits takes no longer for it, so time does not tell whether one of the factors was right.
    func refuse(
        _ unused: [Attempt], _ event: Event, telling notice: Fact?, by recorder: Recorder
    ) async -> AuthorityError {
        async let released: Void = release(unused)
        let error = await recorder.deny(
            Refused(.signInFailed), event, keeping: notice.map { [$0] } ?? [])
        await released
        return error
    }

    /// One that the store cannot give back stays counted, which only locks earlier.
    func release(_ attempts: [Attempt]) async {
        for attempt in attempts { try? await credentials.settle(attempt, .released) }
    }

    func person(_ name: String) async throws(AuthorityError) -> Identity? {
        guard let name = try? Name(name) else { return nil }
        do { return try await directory.identity(IdentityID(.person, name)) } catch { throw .store(error) }
    }

    /// Counts a try at one factor that is proven elsewhere; for nobody's account in a bucket.
    func reserve(
        _ factor: Factor, of person: Identity?, name: String, source: String, at now: UnixTime
    ) async throws(AuthorityError) -> (attempts: [Attempt], isLocked: Bool) {
        let attempt = Attempt(
            account: person.map { $0.id.description } ?? bucket(of: name), factor: factor,
            source: SourceNetwork.of(source), at: now)
        let held = try await reserve([attempt], decoy: bucket(of: name))
        return (held, held.isEmpty)
    }

    /// The attempts up to the first that is locked. From there on `decoy` is asked in the account's place:
    /// the same work, but what will not be compared does not count against the account.
    private func reserve(_ attempts: [Attempt], decoy: String) async throws(AuthorityError) -> [Attempt] {
        var held: [Attempt] = []
        var locked = false
        for attempt in attempts {
            let asked =
                locked
                ? Attempt(account: decoy, factor: attempt.factor, source: attempt.source, at: attempt.at)
                : attempt
            do {
                let verdict = try await credentials.reserve(asked, limits: limits)
                locked = locked || verdict != .reserved
            } catch {
                throw .store(error)
            }
            if !locked { held.append(attempt) }
        }
        return held
    }

    private func stored(
        for person: Identity?, _ shown: ShownFactors
    ) async throws(AuthorityError) -> Stored {
        // For nobody as much is read, of an id that nobody has.
        guard let id = person?.id ?? FactorCheck.nobody else { return Stored() }
        var stored = Stored()
        stored.hash = try await secret(of: id, .password).map { String(decoding: $0, as: UTF8.self) }
        stored.seed = try await secret(of: id, .totp)
        guard shown.recoveryCode != nil else { return stored }
        stored.codeKey = try await secret(of: id, .recovery)
        do { stored.codes = try await credentials.recoveryCodes(of: id) } catch { throw .store(error) }
        return stored
    }

    private func secret(of id: IdentityID, _ factor: Factor) async throws(AuthorityError) -> [UInt8]? {
        do {
            guard let sealed = try await credentials.sealedSecret(of: id, factor) else { return nil }
            return try sealing.open(sealed, context: FactorCheck.context(id, factor))
        } catch let error as StoreError {
            throw .store(error)
        } catch {
            throw .sealing(.wrongKeyOrAltered)
        }
    }

    /// Binds a sealed secret to its place, so that rows cannot be swapped.
    static func context(_ id: IdentityID, _ factor: Factor) -> String { "factor/\(id)/\(factor.rawValue)" }

    private func reason(_ person: Identity?, _ locked: Bool) -> String {
        guard let person else { return "unknown" }
        if locked { return "locked" }
        return person.status == .active ? "no-factors" : "suspended"
    }

    /// One of 4,096 rows for all names that do not exist: the same write, a bounded table.
    private func bucket(of name: String) -> String {
        let hash = TokenHash.of(name).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return "?\(hash % FactorCheck.buckets)"
    }
}
