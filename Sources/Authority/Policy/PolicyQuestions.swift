package import Names
import SSHFormats

/// Questions about policies: what there was, what another one would change, who may do what. Nothing changes; what is
/// shown of others is recorded.
package struct PolicyQuestions: Sendable {
    /// The most entries of one answer.
    package static let longestAnswer = 10_000
    /// The most versions of one page.
    package static let longestPage = 200

    let directory: any Directory
    let policies: PolicyDesk

    /// Applied versions, newest first, those before `before`. For auditors.
    package func history(
        before: UInt64?, limit: Int, by requester: Requester
    ) async throws(AuthorityError) -> [PolicyVersion] {
        try await policies.read(.auditor, requester, on: "policy history")
        do {
            return try await policies.policies.policyHistory(
                before: before, limit: min(max(limit, 1), PolicyQuestions.longestPage))
        } catch {
            throw .store(error)
        }
    }

    /// One version as it was applied. For auditors.
    package func version(
        _ number: UInt64, by requester: Requester
    ) async throws(AuthorityError) -> PolicyVersion {
        try await policies.read(.auditor, requester, on: "policy \(number)")
        return try await version(number)
    }

    /// What a policy would change. For auditors.
    ///
    /// - Parameters:
    ///   - old: A version; nil is the one in force.
    ///   - new: A version, or a text that need not pass its tests.
    /// - Throws: `.refused(.policyInvalid)` naming all faults of the text.
    package func difference(
        from old: UInt64?, to new: PolicyReference, by requester: Requester
    ) async throws(AuthorityError) -> PolicyDifference {
        try await policies.read(.auditor, requester, on: "policy diff")
        let before: Policy
        if let old {
            before = try parsed(try await version(old))
        } else {
            before = try await policies.current().policy
        }
        let after: Policy
        switch new {
        case .version(let number): after = try parsed(try await version(number))
        case .text(let text):
            do { after = try Policy(yaml: text) } catch { throw .refused(.policyInvalid, "\(error)") }
        }
        let facts = try await policies.facts()
        let logins = Dictionary(facts.persons.map { ($0.id, $0.attributes.login) }) { first, _ in first }
        return PolicyDifference(from: before, to: after, hosts: HostIndex(facts.hosts)) {
            logins[$0] ?? nil
        }
    }

    /// Who may log in to a host, or act on the authority (`authority`). For auditors.
    ///
    /// - Throws: `.refused(.notFound)` for a host that does not exist.
    package func holders(
        of text: String, as login: String?, by requester: Requester
    ) async throws(AuthorityError) -> [GivenRight] {
        try await policies.read(.auditor, requester, on: "who may reach \(text)")
        var hosts: [Host] = []
        if text != Place.authority.description {
            guard let host = try await directory.place(knownAs: text) else {
                throw .refused(.notFound, "no host is known as \(text)")
            }
            guard host.shared == nil else {
                throw .refused(.badRequest, "hosts share the name \(text): ask about one of them")
            }
            hosts = [host]
        }
        let place = hosts.first.map { Place.host($0.name) } ?? .authority
        let (_, policy) = try await policies.current()
        let index = HostIndex(hosts)
        let logins = try await activeLogins()
        return policy.holders.flatMap { holder -> [GivenRight] in
            guard case .identity(let id) = holder else {
                return policy.rights(of: holder, own: nil, hosts: index)
            }
            guard let known = logins[id] else { return [] }
            return policy.rights(of: holder, own: known, hosts: index)
        }.filter { given in
            given.right.place == place && given.isUsable
                && login.map { $0 == given.right.login.description } ?? true
        }.sorted { $0.right < $1.right }
    }

    /// What somebody may reach: everybody asks about themselves, auditors about all.
    package func rights(
        of id: IdentityID?, by requester: Requester
    ) async throws(AuthorityError) -> [GivenRight] {
        let (_, policy) = try await policies.current()
        var identity = requester.identity
        if let id, id != identity.id {
            try await policies.read(.auditor, requester, on: "what \(id) may reach", policy: policy)
            let found: Identity?
            do { found = try await directory.identity(id) } catch { throw .store(error) }
            guard let found else { throw .refused(.notFound, "\(id)") }
            identity = found
        }
        guard identity.status == .active else { return [] }
        let hosts = HostIndex(try await policies.all(.host).compactMap(Host.init))
        return policy.rights(
            of: .identity(identity.id), own: Subject(identity: identity).ownLogin, hosts: hosts
        ).filter { given in
            if case .host(let name) = given.right.place { return hosts.contains(name) && given.isUsable }
            return given.right.place == .authority
        }.sorted { $0.right < $1.right }
    }

    /// Active persons and services with what `$self` stands for.
    private func activeLogins() async throws(AuthorityError) -> [IdentityID: Login?] {
        let active = (try await policies.all(.person) + policies.all(.service)).filter {
            $0.status == .active
        }
        return Dictionary(active.map { ($0.id, Subject(identity: $0).ownLogin) }) { first, _ in first }
    }

    private func version(_ number: UInt64) async throws(AuthorityError) -> PolicyVersion {
        let found: PolicyVersion?
        do {
            found = try await policies.policies.policyHistory(
                before: number == .max ? nil : number + 1, limit: 1
            ).first
        } catch {
            throw .store(error)
        }
        guard let found, found.version == number else {
            throw .refused(.notFound, "there is no version \(number) of the policy")
        }
        return found
    }

    private func parsed(_ version: PolicyVersion) throws(AuthorityError) -> Policy {
        do { return try Policy(yaml: version.text) } catch {
            throw .mismatch("policy version \(version.version) does not parse: \(error)")
        }
    }
}

/// Which policy is meant.
package enum PolicyReference: Sendable {
    case version(UInt64)
    case text(String)
}

extension GivenRight {
    /// Not `$self` of somebody without a login.
    fileprivate var isUsable: Bool { right.login != .own }
}
