package import Names
package import SSHFormats

/// What a person asks for.
package struct IssuanceRequest: Sendable {
    package let publicKey: PublicKey
    /// Name, alias or address of a host; nil takes all places of `grant`.
    package let to: String?
    package let login: Login
    package let scope: Scope?
    /// Seconds.
    package let lifetime: UInt64?
    package let grant: Name?
    /// Why, for those who must approve of it.
    package let reason: String?

    package init(
        publicKey: PublicKey, to: String?, login: Login, scope: Scope?, lifetime: UInt64?, grant: Name?,
        reason: String? = nil
    ) {
        self.publicKey = publicKey
        self.to = to
        self.login = login
        self.scope = scope
        self.lifetime = lifetime
        self.grant = grant
        self.reason = reason
    }
}

/// The way of a certificate: decide, lint, serial, sign, verify and compare, record, release.
package struct Issuance: Sendable {
    let directory: any Directory
    let certificates: any Certificates
    let policies: PolicyDesk
    let upstream: UpstreamCheck
    let serials: SerialBlocks
    let signer: any Signer
    let keys: AuthorityKeys
    let recorder: Recorder
    let approvals: ApprovalGate
    let governance: GovernanceGate
    let clocks: HostClocks

    /// A user certificate from exactly one grant.
    package func issue(
        _ request: IssuanceRequest, by requester: Requester, once: Once<IssuedCertificate>
    ) async throws(AuthorityError) -> Outcome<IssuedCertificate> {
        let requester = try await upstream.confirmed(requester)
        let now = recorder.world.now()
        let proposal: Proposal
        let approved: ApprovalFound?
        do {
            let waiting: ApprovalGate.Waiting?
            (proposal, waiting) = try await propose(request, by: requester, at: now)
            try await governance.check(requester, [request.publicKey], at: now)
            approved =
                if let waiting { try await approvals.passed(waiting, by: requester, at: now) } else { nil }
        } catch {
            throw await denied(error, request, requester, now)
        }
        return try await withSerials { () async throws(AuthorityError) in
            do throws(AuthorityError) { return [try await sign(proposal, by: requester, at: now)] } catch {
                throw await failed(error, request.to, requester, now)
            }
        } record: { (issued) async throws(AuthorityError) in
            guard let one = issued.first else { throw .mismatch("nothing was signed") }
            let used = approved.map { [Fact.approvalUsed($0.request.number, at: now)] } ?? []
            return try await recorder.record(
                [.certificateIssued(one)] + used, event(issued, requester, now, approved), one, once: once)
        }
    }

    /// Host certificates for keys that this very host registered; it never names its principals itself.
    package func issueHost(
        _ publicKeys: [PublicKey], by requester: Requester, once: Once<[IssuedCertificate]>
    ) async throws(AuthorityError) -> Outcome<[IssuedCertificate]> {
        let now = recorder.world.now()
        guard (1...8).contains(publicKeys.count) else { throw .refused(.badRequest, "publicKeys: 1 to 8") }
        var proposals: [Proposal] = []
        for key in publicKeys {
            do {
                proposals.append(try await proposeHost(key, requester, at: now))
                try await governance.check(requester, [key], at: now)
            } catch {
                guard case .refused(let refused) = error else { throw error }
                throw await recorder.deny(
                    refused,
                    Event(.certificateRefused, by: requester, on: key.fingerprint.description, at: now))
            }
        }
        let used = publicKeys.map { Fact.keyUsed($0.fingerprint, at: now, from: requester.source) }
        return try await withSerials { () async throws(AuthorityError) in
            var issued: [IssuedCertificate] = []
            for proposal in proposals {
                do throws(AuthorityError) {
                    issued.append(try await sign(proposal, by: requester, at: now))
                } catch {
                    throw await failed(error, proposal.publicKey.fingerprint.description, requester, now)
                }
            }
            return issued
        } record: { (issued) async throws(AuthorityError) in
            try await recorder.record(
                issued.map(Fact.certificateIssued) + used, event(issued, requester, now), issued, once: once)
        }
    }

    private func propose(
        _ request: IssuanceRequest, by requester: Requester, at now: UnixTime
    ) async throws(AuthorityError) -> (Proposal, ApprovalGate.Waiting?) {
        let (version, policy) = try await policies.current()
        let subject = Subject(requester)
        let asked = try await asked(request.to, policy, subject)
        let (decision, approval) = policy.decideBeforeApproval(
            AccessRequest(
                subject: subject, host: asked?.host, login: request.login, scope: request.scope,
                lifetime: request.lifetime, grant: request.grant),
            at: now)
        let allowance: Allowance
        switch decision.told(to: subject, by: policy) {
        case .allowed(let given):
            guard asked?.isReal ?? true else { throw .refused(.hostNotGranted, "no such host is active") }
            // A certificate that its host refuses helps nobody; what is wrong there should be said here.
            if let host = asked?.host.name { try await clocks.check(host, lifetime: given.lifetime) }
            allowance = given
        case .refused(let refusal, let nearest, let missing):
            let grant = nearest.map { ["nearest grant: \($0)"] } ?? []
            let due = refusal.isAboutFactors ? policy.factorsDue(nearest, for: subject, at: now) : []
            throw .refused(Refused(refusal, (grant + missing).joined(separator: "; "), factors: due))
        }
        let lint = CertificateLint(authorityKeys: keys.fingerprints)
        try lint.check(request.publicKey)
        try lint.check(allowance.options, on: request.publicKey)
        try await unrevoked(request.publicKey, freeFor: requester.identity.id)
        let proposal = Proposal(
            authority: allowance.plain ? .plainUser : .user, publicKey: request.publicKey,
            keyID: keyID(requester, allowance.grant), principals: allowance.principals.map(\.description),
            validity: try lint.validity(
                lifetime: allowance.lifetime, limit: CertificateLint.longestUser, at: now),
            lifetime: allowance.lifetime, criticalOptions: allowance.options,
            extensions: allowance.extensions, grant: allowance.grant)
        let waiting = approval.map {
            ApprovalGate.Waiting(
                proposal, $0, policy: version.version, policy, host: asked?.host.name, request,
                by: requester, origin: approvals.origin)
        }
        return (proposal, waiting)
    }

    private func proposeHost(
        _ key: PublicKey, _ requester: Requester, at now: UnixTime
    ) async throws(AuthorityError) -> Proposal {
        let host = requester.identity
        guard host.id.kind == .host else { throw .refused(.notSignedIn) }
        try await ownHostKey(key, of: host)
        try await unrevoked(key)
        let lint = CertificateLint(authorityKeys: keys.fingerprints)
        try lint.check(key)
        return Proposal(
            authority: .host, publicKey: key, keyID: host.id.description,
            principals: [host.id.name.text] + host.attributes.knownAs,
            validity: try lint.validity(
                lifetime: CertificateLint.longestHost, limit: CertificateLint.longestHost, at: now),
            lifetime: CertificateLint.longestHost, criticalOptions: CriticalOptions(),
            extensions: Extensions(), grant: nil)
    }

    private func asked(
        _ text: String?, _ policy: Policy, _ subject: Subject
    ) async throws(AuthorityError) -> AskedHost? {
        guard let text else { return nil }
        guard text.utf8.count <= 253, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .refused(.badName, "to: not a host's name or address")
        }
        let known = try await directory.place(knownAs: text)
        guard let asked = policy.asked(text, found: known, by: subject) else {
            throw .refused(.hostNotGranted, "no grant of yours reaches \(text)")
        }
        return asked
    }

    /// - Parameter person: Who wants it certified; nil where the key is known to be the requester's.
    private func unrevoked(_ key: PublicKey, freeFor person: IdentityID? = nil) async throws(AuthorityError) {
        let standing: KeyStanding
        do { standing = try await certificates.standing(of: key.fingerprint) } catch { throw .store(error) }
        guard !standing.isRevoked else { throw .refused(.keyRevoked, key.fingerprint.description) }
        guard let person, !standing.isFree(for: person) else { return }
        throw .refused(.keyTaken, key.fingerprint.description)
    }

    private func ownHostKey(_ key: PublicKey, of host: Identity) async throws(AuthorityError) {
        let registered: RegisteredKey?
        do { registered = try await directory.key(key.fingerprint) } catch { throw .store(error) }
        guard let registered, registered.identity == host.id, registered.state == .active,
            registered.origin == KeyOrigin.hostKey
        else { throw .refused(.keyTaken, "\(key.fingerprint) is not a registered host key of this host") }
    }

    /// What sshd logs: who, from which device, by which grant, in which session.
    private func keyID(_ requester: Requester, _ grant: Name) -> String {
        var parts = [requester.identity.id.description]
        if let device = requester.device { parts.append(device.id.description) }
        parts.append("grant:\(grant)")
        if let session = requester.session { parts.append("session:\(session.id.prefix(16))") }
        return parts.joined(separator: "/")
    }

    private func denied(
        _ error: AuthorityError, _ request: IssuanceRequest, _ requester: Requester, _ now: UnixTime
    ) async -> AuthorityError {
        guard case .refused(let refused) = error else { return error }
        var details: [String: EventValue] = [
            "as": .text(request.login.text), "key": .text(request.publicKey.fingerprint.description),
            "reason": .text(refused.detail),
        ]
        if let grant = request.grant { details["grant"] = .text(grant.text) }
        if requester.isThroughDoor { details["origin"] = .text(KeyOrigin.door) }
        return await recorder.deny(
            refused, Event(.certificateRefused, by: requester, on: request.to, at: now, details: details))
    }

    /// What was allowed and came to nothing is recorded too, once for the whole request; the error stays what it is.
    private func failed(
        _ error: AuthorityError, _ subject: String?, _ requester: Requester, _ now: UnixTime
    ) async -> AuthorityError {
        switch error {
        case .signer, .mismatch:
            _ = await recorder.deny(
                Refused(.unavailable, "\(error)"),
                Event(.certificateRefused, by: requester, on: subject, at: now))
            return error
        case .refused, .store, .hashing, .sealing, .replayed: return error
        }
    }

    private func event(
        _ issued: [IssuedCertificate], _ requester: Requester, _ now: UnixTime,
        _ approved: ApprovalFound? = nil
    ) -> Event {
        var details: [String: EventValue] = [
            "serials": .list(issued.map { String($0.certificate.serial) }),
            "keys": .list(issued.map { $0.certificate.publicKey.fingerprint.description }),
            "sha256": .list(issued.map { Hexadecimal.text(TokenHash.of($0.certificate.blob)) }),
        ]
        if requester.isThroughDoor { details["origin"] = .text(KeyOrigin.door) }
        if let first = issued.first {
            details["authority"] = .text(first.authority.rawValue)
            details["principals"] = .list(first.certificate.principals?.names ?? [])
            details["validBefore"] = .number(first.certificate.validBefore.seconds)
            if let grant = first.grant { details["grant"] = .text(grant.text) }
        }
        if let approved {
            details["approvalRequest"] = .number(approved.request.number)
            details["approvedBy"] = .list(approved.approvers.map(\.description))
        }
        return Event(
            .certificateIssued, by: requester, on: issued.first.map { String($0.certificate.serial) },
            at: now,
            details: details)
    }
}
