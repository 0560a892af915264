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
        case failed(reason: String)
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
        let locked = try await reserve(attempts)
        let stored = try await stored(for: locked ? nil : person)
        let passwordIsRight: Bool
        do { passwordIsRight = try await hashing.matches(password, stored.hash) } catch {
            throw .hashing(error)
        }
        let step = TOTP.step(of: code, secret: stored.seed ?? world.random(TOTP.secretLength), at: now)
        guard let person, !locked, person.status == .active, stored.hash != nil, stored.seed != nil else {
            return .failed(reason: reason(person, locked))
        }
        guard passwordIsRight, let step else {
            try await release(attempts, passwordIsRight: passwordIsRight, codeIsRight: step != nil)
            return .failed(reason: passwordIsRight ? "wrong-code" : "wrong-password")
        }
        return .proven(person, step: step, attempts: attempts)
    }

    /// After everything else succeeded: the source's failures are forgotten.
    func settle(_ attempts: [Attempt]) async throws(AuthorityError) {
        for attempt in attempts {
            do { try await credentials.settle(attempt, .succeeded) } catch { throw .store(error) }
        }
    }

    private func person(_ name: String) async throws(AuthorityError) -> Identity? {
        guard let name = try? Name(name) else { return nil }
        do { return try await directory.identity(IdentityID(.person, name)) } catch { throw .store(error) }
    }

    /// Whether either factor is locked. Both are asked, so that the work is the same.
    private func reserve(_ attempts: [Attempt]) async throws(AuthorityError) -> Bool {
        var locked = false
        for attempt in attempts {
            do {
                if case .locked = try await credentials.reserve(attempt, limits: limits) { locked = true }
            } catch {
                throw .store(error)
            }
        }
        return locked
    }

    private func stored(for person: Identity?) async throws(AuthorityError) -> (hash: String?, seed: [UInt8]?) {
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

    /// The factor that was right is not counted as a failure; the wrong one stays counted.
    private func release(
        _ attempts: [Attempt], passwordIsRight: Bool, codeIsRight: Bool
    ) async throws(AuthorityError) {
        for attempt in attempts {
            guard attempt.factor == .password ? passwordIsRight : codeIsRight else { continue }
            do { try await credentials.settle(attempt, .released) } catch { throw .store(error) }
        }
    }

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
