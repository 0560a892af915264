import Names
package import SSHFormats

extension CAKeyDesk {
    /// Distrusts a key that somebody else has: at once, whoever does not know its successor yet. Somebody else has to agree.
    ///
    /// - Parameter stolen: Which; nil: the one that signs.
    package func replaceStolen(
        _ authority: CertificateAuthority, _ stolen: Fingerprint?, reason: String?, by requester: Requester,
        once: Once<Change>
    ) async throws(AuthorityError) -> Outcome<Change> {
        let now = recorder.world.now()
        let event = event(.caKeyRetired, authority, reason, requester, now)
        try await policies.authorize(.admin, requester, .caKeyRetired, on: authority.rawValue)
        var details: [String: EventValue] = ["stolen": .text("true")]
        let (facts, key): ([CAFact], CAKey)
        do throws(AuthorityError) {
            if try await policies.agreedByOthers(requester, at: now) == .onlyAdmin {
                details["agreed"] = .text("nobody: there is no other admin")
            }
            (facts, key) = try await replacing(authority, stolen, at: now)
        } catch {
            guard case .refused(let refused) = error else { throw error }
            throw await recorder.deny(refused, event)
        }
        let fingerprint = key.publicKey.fingerprint
        details["key"] = .text(fingerprint.description)
        for case .signing(_, let successor, _, _) in facts {
            details["successor"] = .text(successor.description)
        }
        let revoked = Revocation(
            target: .key(fingerprint), reason: reason ?? "stolen", at: now)
        let outcome = try await recorder.record(
            facts.map(Fact.caKey) + [.revoked(revoked)], event.with(details),
            Change(authority: authority, key: fingerprint, state: .retired), once: once)
        try await book.read()
        return outcome
    }

    private func replacing(
        _ authority: CertificateAuthority, _ stolen: Fingerprint?, at now: UnixTime
    ) async throws(AuthorityError) -> ([CAFact], CAKey) {
        let sets = try await book.read()
        let meant = stolen.map { named in
            sets.keys.first { $0.authority == authority && $0.publicKey.fingerprint == named }
        }
        guard let key = meant ?? sets.key(authority, .signing) else {
            throw .refused(.notFound, "no such key of the \(authority.rawValue) CA")
        }
        let fingerprint = key.publicKey.fingerprint
        let retired = CAFact.retired(authority, fingerprint, at: now, isStolen: true)
        switch key.state {
        case .prepared, .retiring: return ([retired], key)
        case .retired: throw .refused(.stateChange, "\(fingerprint) is retired")
        case .signing:
            let waiting = sets.key(authority, .prepared)
            let next: CAKey
            if let waiting { next = waiting } else { next = try await prepared(authority, at: now) }
            return (
                (waiting == nil ? [.prepared(next)] : []) + [
                    .signing(authority, next.publicKey.fingerprint, at: now, end: nil), retired,
                ], key
            )
        }
    }
}

/// Who agreed to what must not be one person's act.
enum Agreement: Sendable { case others, onlyAdmin }

extension PolicyDesk {
    /// That others agreed to the act in hand, whatever grant allows it: by a grant of the requester's that says who they are.
    ///
    /// - Throws: `.refused(.approvalRequired)` until they did, or where no grant says who could.
    func agreedByOthers(
        _ requester: Requester, at now: UnixTime
    ) async throws(AuthorityError) -> Agreement {
        guard let act = ActInHand.current else { throw .refused(.approvalRequired) }
        guard act.approved == nil else { return .others }
        let (version, policy) = try await current()
        let subject = Subject(requester)
        let grant = policy.grants.first { grant in
            grant.as.contains(.role(.admin)) && grant.approve != nil && policy.includes(grant.who, subject)
        }
        if let grant, let approval = grant.approve {
            let waiting = ApprovalGate.Waiting(
                act, .admin, grant.name, approval, policy: version.version, policy, by: requester,
                origin: approvals.origin)
            act.allow(try await approvals.passed(waiting, by: requester, at: now))
            return .others
        }
        let active = try await facts().persons.filter { $0.status == .active }.map(\.id)
        guard policy.admins(among: active).subtracting([requester.identity.id]).isEmpty else {
            throw .refused(
                .approvalRequired,
                "somebody else has to agree: the policy needs a grant of admin to you with approve, such as "
                    + "{by: group:admins, count: 1}")
        }
        return .onlyAdmin
    }
}
