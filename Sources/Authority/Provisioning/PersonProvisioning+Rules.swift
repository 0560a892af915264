import Names
import SSHFormats

extension PersonDraft {
    /// What stands before the first `@` of the user name, in lower case.
    var stem: String {
        String(
            decoding: userName.utf8.prefix { $0 != UInt8(ascii: "@") }
                .map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 },
            as: UTF8.self)
    }
}

extension PersonProvisioning {
    /// Names that are tried for somebody whose namesakes all left.
    private static let mostNamesakes = 99

    /// The stem of the user name, as it is. Where those who had it were retired by this very provisioner, a number follows:
    /// names are never given twice, and whoever comes back has none of what their namesake had.
    func freeName(
        _ draft: PersonDraft, _ caller: ProvisioningCaller
    ) async throws(AuthorityError) -> IdentityID {
        for number in 1...Self.mostNamesakes {
            let name: Name
            do { name = try Name(number == 1 ? draft.stem : "\(draft.stem).\(number)") } catch {
                throw .refused(.badName, "userName: what stands before its @ \(error)")
            }
            let held: Identity?
            do { held = try await directory.identity(IdentityID(.person, name)) } catch {
                throw .store(error)
            }
            guard let held else { return IdentityID(.person, name) }
            guard held.status == .retired, held.statusBy == caller.provisioner.id else {
                throw .refused(
                    .alreadyExists, "userName: \(name) is a person here already; an admin can link them")
            }
        }
        throw .refused(.alreadyExists, "userName: too many persons of that name")
    }

    /// The name where it can be a login, but for those of systems. A login that somebody left behind may still own files, so
    /// it is not given again.
    func login(_ id: IdentityID) async throws(AuthorityError) -> Login? {
        guard let login = try? Login(id.name.text), !login.isOfSystem else { return nil }
        let holders: [IdentityID]
        do { holders = try await store.holders(of: login) } catch { throw .store(error) }
        guard let other = holders.first(where: { $0 != id }) else { return login }
        throw .refused(.alreadyExists, "userName: the login \(login) is \(other)'s")
    }

    /// Whoever pushes persons must not become an admin by a name that the policy trusts.
    func grantsNothing(_ id: IdentityID, _ event: Event) async throws(AuthorityError) {
        guard try await hasRoles(id) else { return }
        throw await recorder.deny(
            Refused(.adminRequired, "\(id) has rights on the authority: an admin adds and links them"), event)
    }

    /// Whether the policy gives them a role on the authority.
    private func hasRoles(_ id: IdentityID) async throws(AuthorityError) -> Bool {
        let (_, policy) = try await policies.current()
        return try await !directory.authorityRoles(of: id, policy).isEmpty
    }

    /// nil where the status stays.
    func wantedStatus(
        _ draft: PersonDraft, _ former: ProvisionedPerson, _ caller: ProvisioningCaller
    ) async throws(AuthorityError) -> IdentityStatus? {
        switch (former.identity.status, draft.isActive) {
        case (.active, false?): return .suspended
        case (.suspended, true?):
            if former.identity.statusBy == caller.provisioner.id { return .active }
            // It says nothing new; who suspended the person here resumes them.
            if former.draft.isActive == true { return nil }
            throw await recorder.deny(
                Refused(.adminRequired, "\(former.identity.id) was suspended by somebody else"),
                Event(
                    .identityResumed, by: caller.requester, on: former.identity.id.description,
                    at: recorder.world.now()))
        case (.retired, true?):
            if former.draft.isActive == true { return nil }
            throw .refused(.stateChange, "\(former.identity.id) is retired")
        case (.active, nil), (.active, true?), (.suspended, nil), (.suspended, false?), (.retired, nil),
            (.retired, false?):
            return nil
        }
    }

    /// Moves the link with the account at the identity provider whose `sub` is the external id. As whom an admin signs in,
    /// admins alone say.
    func linking(
        _ former: String?, _ present: String?, _ kept: ProvisionedPerson, _ caller: ProvisioningCaller,
        _ now: UnixTime
    ) async throws(AuthorityError) -> [Fact] {
        let person = kept.identity.id
        guard let issuer = caller.provisioner.issuer, former != present, try await !hasRoles(person) else {
            return []
        }
        var facts: [Fact] = []
        if let former {
            let account = UpstreamSubject(issuer: issuer, subject: former)
            if try await holder(of: account) == person {
                facts += [
                    .upstreamUnlinked(account), .groupsSet(person, source: account.source, []),
                    .sessionsEnded(of: person, at: now),
                ]
            }
        }
        if let present {
            let account = UpstreamSubject(issuer: issuer, subject: present)
            let holder = try await holder(of: account)
            guard holder ?? person == person else {
                throw .refused(.alreadyExists, "externalId: that account is linked with another person")
            }
            if holder == nil {
                facts.append(.upstreamLinked(UpstreamLink(account: account, person: person, linkedAt: now)))
            }
        }
        return facts
    }

    private func holder(of account: UpstreamSubject) async throws(AuthorityError) -> IdentityID? {
        do { return try await links.upstreamLink(account)?.person } catch { throw .store(error) }
    }
}
