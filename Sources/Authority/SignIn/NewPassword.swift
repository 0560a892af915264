package import Names
import SSHFormats

/// Sets a new password in place of the former one, or a first one.
package struct NewPassword: Sendable {
    let check: FactorCheck
    let sessions: SessionDesk
    let policies: PolicyDesk
    let recorder: Recorder

    package enum Others: Hashable, Sendable { case keep, end }

    /// Needs a second factor of the last 15 minutes, and as fresh the password that there is: whoever finds an open session
    /// shall not be able to lock its person out.
    ///
    /// - Returns: Handles of the person's other sessions, which end if that is asked for.
    /// - Throws: `.refused(.weakPassword)` for one that is short or well-known, which the ledger tells nothing of.
    package func set(
        _ password: Secret<[UInt8]>, _ others: Others, by requester: Requester, once: Once<[String]>
    ) async throws(AuthorityError) -> Outcome<[String]> {
        let id = requester.identity.id
        let now = recorder.world.now()
        let event = Event(
            .factorSet, by: requester, on: id.description, at: now,
            details: ["factor": .text(Factor.password.rawValue)])
        guard id.kind == .person, let session = requester.session else {
            throw await recorder.deny(Refused(.badRequest, "persons only"), event)
        }
        try await requireFresh(requester, event)
        let bytes = password.withExposed { $0 }
        try PasswordRule.check(bytes, person: id, known: check.knownPasswords)
        let hash: String
        let sealed: [UInt8]
        do { hash = try await check.hashing.hash(bytes) } catch { throw .hashing(error) }
        do {
            sealed = try recorder.sealing.seal(
                Array(hash.utf8), context: FactorCheck.context(id, .password))
        } catch {
            throw .sealing(error)
        }
        let ended =
            others == .end ? try await sessions.running(of: id).map(\.id).filter { $0 != session.id } : []
        return try await recorder.record(
            [
                .factorSet(id, .password, sealed: sealed),
                .noticed(id, Notice(.passwordChanged, at: now, source: requester.source)),
            ] + ended.map { .sessionEnded(id: $0, at: now) },
            event.with(ended.isEmpty ? [:] : ["sessions": .list(ended)]), ended, once: once)
    }

    private func requireFresh(_ requester: Requester, _ event: Event) async throws(AuthorityError) {
        let stored: [UInt8]?
        do {
            stored = try await check.credentials.sealedSecret(of: requester.identity.id, .password)
        } catch {
            throw .store(error)
        }
        let ages = Factor.allCases.compactMap { factor in
            Subject(requester).age(of: factor, at: event.time).map { (factor, $0) }
        }
        let fresh = ages.filter { $0.1 < AuthorityRole.adminFreshness }.map(\.0)
        var due: [Factor] = []
        if stored != nil, !fresh.contains(.password) { due.append(.password) }
        if !fresh.contains(where: { $0.isSecond && $0 != .recovery }) { due.append(.totp) }
        guard !due.isEmpty else { return }
        let isShown = due.allSatisfy { factor in ages.contains { $0.0 == factor } }
        throw await recorder.deny(
            Refused(
                isShown ? .factorTooOld : .factorRequired,
                "this asks for the password and a second factor younger than 15m", factors: due), event)
    }
}
