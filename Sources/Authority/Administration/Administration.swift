package import Names
import SSHFormats

/// An identity just added, with its enrolment link.
package struct NewIdentity: Sendable {
    package let identity: Identity
    package let link: NewLink
}

/// Adds identities and changes their status.
package struct Administration: Sendable {
    let directory: any Directory
    let policies: PolicyDesk
    let links: LinkDesk
    let recorder: Recorder

    /// Adds a person or a host with its link, both or neither. Logins, addresses and shared names only an admin sets.
    ///
    /// - Throws: `.refused(.alreadyExists)` also for a name, alias or address that another host answers to.
    package func add(
        _ id: IdentityID, _ attributes: IdentityAttributes, by requester: Requester, once: Once<NewIdentity>
    ) async throws(AuthorityError) -> Outcome<NewIdentity> {
        guard id.kind == .person || id.kind == .host else {
            throw .refused(.badRequest, "kind: person or host")
        }
        guard id != requester.identity.id else { throw .refused(.alreadyExists) }
        try await links.authorize(for: id, requester)
        try check(attributes, of: id)
        if attributes.login != nil || !attributes.addresses.isEmpty || !attributes.sharedNames.isEmpty {
            try await policies.authorize(.admin, requester, .identityAdded, on: id.description)
        }
        return try await policies.turns.take { (unmoved) async throws(AuthorityError) in
            try await addAlone(id, attributes, unmoved, by: requester, once: once)
        }
    }

    private func addAlone(
        _ id: IdentityID, _ attributes: IdentityAttributes, _ unmoved: Fact, by requester: Requester,
        once: Once<NewIdentity>
    ) async throws(AuthorityError) -> Outcome<NewIdentity> {
        if id.kind == .host { try await unclaimed(attributes, of: id) }
        let now = recorder.world.now()
        var attributes = attributes
        if attributes.login != nil { attributes.loginBy = .admin }
        let identity = Identity(
            id: id, owner: id.kind == .host ? requester.identity.id : nil, attributes: attributes,
            createdAt: now)
        let (link, linkFact) = links.draw(for: identity, by: requester.identity.id)
        let event = Event(
            .identityAdded, by: requester, on: id.description, at: now, details: details(attributes))
        return try await recorder.record(
            [unmoved, .identityAdded(identity), linkFact], event, NewIdentity(identity: identity, link: link),
            once: once)
    }

    /// Those after `after`, in order of name, at most `limit` and 500. For enrollers, auditors and helpdesk too.
    package func list(
        _ kind: IdentityKind, after: Name?, limit: Int, by requester: Requester
    ) async throws(AuthorityError) -> [Identity] {
        let (_, policy) = try await policies.current()
        try await policies.readWithAnyRole(requester, on: "identities", policy: policy)
        do { return try await directory.identities(kind, after: after, limit: min(max(limit, 1), 500)) } catch
        {
            throw .store(error)
        }
    }

    /// Suspends, resumes or retires. What stops being active loses its sessions and its running certificates.
    package func setStatus(
        _ id: IdentityID, _ status: IdentityStatus, reason: String, by requester: Requester,
        once: Once<Identity>
    ) async throws(AuthorityError) -> Outcome<Identity> {
        try await policies.turns.take { (unmoved) async throws(AuthorityError) in
            try await setAlone(id, status, unmoved, reason: reason, by: requester, once: once)
        }
    }

    private func setAlone(
        _ id: IdentityID, _ status: IdentityStatus, _ unmoved: Fact, reason: String, by requester: Requester,
        once: Once<Identity>
    ) async throws(AuthorityError) -> Outcome<Identity> {
        let (_, policy) = try await policies.current()
        let action = EventAction(becoming: status)
        try await policies.authorize(
            status == .retired ? .admin : .helpdesk, requester, action, on: id.description, policy: policy)
        let now = recorder.world.now()
        let event = Event(
            action, by: requester, on: id.description, at: now, details: ["reason": .text(reason)])
        guard var identity = try await known(id) else {
            throw await recorder.deny(Refused(.notFound, "\(id)"), event)
        }
        if let refused = try await directory.whyAbove(requester, id, policy) {
            throw await recorder.deny(refused, event)
        }
        guard identity.status.mayBecome(status) else {
            throw await recorder.deny(Refused(.stateChange, "\(id) is \(identity.status.rawValue)"), event)
        }
        if status != .active, try await policies.isLastAdmin(id, policy) {
            throw await recorder.deny(Refused(.lastAdmin, "\(id) is the only active admin"), event)
        }
        identity.status = status
        identity.statusBy = requester.identity.id
        return try await recorder.record(
            [unmoved] + (try await directory.statusFacts(of: identity, at: now)), event, identity, once: once)
    }

    private func known(_ id: IdentityID) async throws(AuthorityError) -> Identity? {
        do { return try await directory.identity(id) } catch { throw .store(error) }
    }

    /// Host certificates speak for all of a host's names: none of them may be another host's, unless both share it.
    private func unclaimed(_ attributes: IdentityAttributes, of id: IdentityID) async throws(AuthorityError) {
        let shared = Set(attributes.sharedNames.map(\.text))
        for text in [id.name.text] + attributes.knownAs {
            let found: [Identity]
            do { found = try await directory.hosts(knownAs: text) } catch { throw .store(error) }
            let holder = found.first { other in
                guard other.id != id, other.status != .retired else { return false }
                return !shared.contains(text) || !other.attributes.sharedNames.contains { $0.text == text }
            }
            if let holder { throw .refused(.alreadyExists, "\(text) belongs to \(holder.id)") }
        }
    }

    private func check(_ attributes: IdentityAttributes, of id: IdentityID) throws(AuthorityError) {
        guard attributes.login.map({ !$0.isRoot }) ?? true else {
            throw .refused(.badName, "login: never root")
        }
        guard attributes.labels.count <= 64, attributes.aliases.count <= 64, attributes.addresses.count <= 64
        else {
            throw .refused(.badRequest, "at most 64 labels, aliases and addresses")
        }
        guard
            id.kind == .host
                || (attributes.labels.isEmpty && attributes.aliases.isEmpty && attributes.addresses.isEmpty)
        else { throw .refused(.badRequest, "labels, aliases and addresses are for hosts") }
        guard id.kind == .person || attributes.login == nil else {
            throw .refused(.badRequest, "login is for persons")
        }
        for name in attributes.sharedNames where (try? Name(host: name.text)) == nil {
            throw .refused(.badName, "labels: name=\(name) is no host's name")
        }
        // Addresses only an admin sets; as a name or alias one would come in by another door.
        for name in attributes.aliases + attributes.sharedNames + [id.name] where id.kind == .host {
            guard !NumericAddress.isValid(name.text) else {
                throw .refused(.badName, "\(name) is a numeric address, which goes to addresses")
            }
        }
        for address in attributes.addresses where !NumericAddress.isValid(address) {
            throw .refused(.badName, "addresses: \(address) is not a numeric address")
        }
    }

    private func details(_ attributes: IdentityAttributes) -> [String: EventValue] {
        var details: [String: EventValue] = [:]
        if let login = attributes.login { details["login"] = .text(login.text) }
        if !attributes.labels.isEmpty {
            details["labels"] = .list(attributes.labels.sorted().map(\.description))
        }
        if !attributes.aliases.isEmpty { details["aliases"] = .list(attributes.aliases.map(\.text)) }
        if !attributes.addresses.isEmpty { details["addresses"] = .list(attributes.addresses) }
        return details
    }
}
