import Names
import SSHFormats

/// Compares a password and a code with what is stored, with the same work for unknown, locked and wrong.
struct FactorCheck: Sendable {
    static let longestPassword = 1024
    static let buckets: UInt64 = 4096

    let directory: any Directory
    let credentials: any Credentials
    let hashing: any PasswordHashing
    let sealing: any SecretSealing
    let world: World
    let limits: AttemptLimits

    /// What a check came to. Only the ledger learns the reason.
    enum Verdict: Sendable {
        case proven(Identity, step: UInt64, attempts: [Attempt])
        /// `unused` are reservations that no wrong guess stands for.
        case failed(reason: String, unused: [Attempt])
    }

    func check(
        name: String, password: [UInt8], code: String, source: String
    ) async throws(AuthorityError) -> Verdict {
        let person = try await person(name)
        let now = world.now()
        let account = person.map { $0.id.description } ?? bucket(of: name)
        let attempts = [Factor.password, .totp].map {
            Attempt(account: account, factor: $0, source: SourceNetwork.of(source), at: now)
        }
        let held = try await reserve(attempts, decoy: bucket(of: name))
        let locked = held.count < attempts.count
        let stored = try await stored(for: locked ? nil : person)
        let passwordIsRight: Bool
        do { passwordIsRight = try await hashing.matches(password, stored.hash) } catch {
            throw .hashing(error)
        }
        let step = TOTP.step(of: code, secret: stored.seed ?? world.random(TOTP.secretLength), at: now)
        guard let person, !locked, person.status == .active, stored.hash != nil, stored.seed != nil else {
            return .failed(reason: reason(person, locked), unused: locked ? held : [])
        }
        guard passwordIsRight, let step else {
            let unused = attempts.filter { $0.factor == .password ? passwordIsRight : step != nil }
            return .failed(reason: passwordIsRight ? "wrong-code" : "wrong-password", unused: unused)
        }
        return .proven(person, step: step, attempts: attempts)
    }

    /// After everything else succeeded: the source's failures are forgotten.
    func settle(_ attempts: [Attempt]) async throws(AuthorityError) {
        for attempt in attempts {
            do { try await credentials.settle(attempt, .succeeded) } catch { throw .store(error) }
        }
    }

    /// Records the refusal and meanwhile gives back what no wrong guess stands for: a store that shares its
    /// commits takes no longer for it, so time does not tell whether one of the factors was right.
    func refuse(_ unused: [Attempt], _ event: Event, by recorder: Recorder) async -> AuthorityError {
        async let released: Void = release(unused)
        let error = await recorder.deny(Refused(.signInFailed), event)
        await released
        return error
    }

    /// One that the store cannot give back stays counted, which only locks earlier.
    func release(_ attempts: [Attempt]) async {
        for attempt in attempts { try? await credentials.settle(attempt, .released) }
    }

    private func person(_ name: String) async throws(AuthorityError) -> Identity? {
        guard let name = try? Name(name) else { return nil }
        do { return try await directory.identity(IdentityID(.person, name)) } catch { throw .store(error) }
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

    private func stored(for person: Identity?) async throws(AuthorityError) -> (hash: String?, seed: [UInt8]?)
    {
        guard let person else { return (nil, nil) }
        let hash = try await secret(of: person.id, .password).map { String(decoding: $0, as: UTF8.self) }
        return (hash, try await secret(of: person.id, .totp))
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
