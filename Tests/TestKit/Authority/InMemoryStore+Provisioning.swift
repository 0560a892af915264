package import Authority
package import Names
import SSHFormats

extension InMemoryStore.Contents {
    mutating func apply(_ fact: ProvisioningFact) throws(RefusedFact) {
        standing += 1
        switch fact {
        case .added(let provisioner):
            guard !provisioners.contains(where: { $0.id == provisioner.id }) else {
                throw RefusedFact(.exists)
            }
            provisioners.append(provisioner)
        case .tokenMade(let token): provisionerTokens.append(token)
        case .tokensEnded(let provisioner, let id, let at):
            let meant = provisionerTokens.indices.filter { index in
                let token = provisionerTokens[index]
                return token.provisioner == provisioner && token.endedAt == nil
                    && (id ?? token.id) == token.id
            }
            guard !meant.isEmpty else { throw RefusedFact(.missing) }
            for index in meant { provisionerTokens[index].endedAt = at }
        case .personKept(let person):
            let others = provisionedPersons.filter { $0.id != person.id }
            guard
                !others.contains(where: {
                    $0.identity.id == person.identity.id
                        || ($0.provisioner == person.provisioner && $0.draft.key == person.draft.key)
                })
            else { throw RefusedFact(.exists) }
            provisionedPersons = others + [person]
        case .personLeft(let id):
            guard provisionedPersons.contains(where: { $0.id == id }) else { throw RefusedFact(.missing) }
            provisionedPersons.removeAll { $0.id == id }
            for index in provisionedGroups.indices { provisionedGroups[index].draft.members.remove(id) }
        case .groupKept(let group):
            let others = provisionedGroups.filter { $0.id != group.id }
            guard !others.contains(where: { $0.provisioner == group.provisioner && $0.name == group.name })
            else { throw RefusedFact(.exists) }
            let persons = Set(provisionedPersons.filter { $0.provisioner == group.provisioner }.map(\.id))
            guard group.draft.members.isSubset(of: persons) else { throw RefusedFact(.missing) }
            provisionedGroups = others + [group]
        case .groupLeft(let id):
            guard provisionedGroups.contains(where: { $0.id == id }) else { throw RefusedFact(.missing) }
            provisionedGroups.removeAll { $0.id == id }
        }
    }

    /// As it was kept, with what is now.
    fileprivate func whole(_ person: ProvisionedPerson) -> ProvisionedPerson {
        var person = person
        if let identity = identities.first(where: { $0.id == person.identity.id }) {
            person.identity = identity
        }
        person.groups = provisionedGroups.filter { $0.draft.members.contains(person.id) }
            .map { ProvisionedPerson.Membership(id: $0.id, displayName: $0.draft.displayName) }
            .sorted { $0.id < $1.id }
        return person
    }

    fileprivate func found(_ provisioner: Provisioner) -> ProvisionerFound? {
        identities.first { $0.id == provisioner.id }.map { identity in
            ProvisionerFound(
                provisioner: provisioner, identity: identity,
                tokens: provisionerTokens.filter { $0.provisioner == provisioner.id }.reversed())
        }
    }
}

extension InMemoryStore: Provisioning {
    package func provisioners() -> [ProvisionerFound] {
        contents.provisioners.sorted { $0.id < $1.id }.compactMap { contents.found($0) }
    }

    package func provisioner(tokenHash: [UInt8]) -> ProvisionerFound? {
        guard let token = contents.provisionerTokens.first(where: { $0.tokenHash == tokenHash }),
            let provisioner = contents.provisioners.first(where: { $0.id == token.provisioner }),
            let found = contents.found(provisioner)
        else { return nil }
        return ProvisionerFound(provisioner: provisioner, identity: found.identity, tokens: [token])
    }

    package func persons(_ query: ProvisionedQuery) -> [ProvisionedPerson] {
        let groups = contents.provisionedGroups
        let found = contents.provisionedPersons.filter { person in
            guard person.provisioner == query.provisioner else { return false }
            return switch query.key {
            case .after(let id): person.id > id ?? ""
            case .id(let id): person.id == id
            case .name(let name): person.draft.key == name
            case .externalId(let id): person.draft.externalId == id
            case .member(let id):
                groups.contains { $0.id == id && $0.draft.members.contains(person.id) }
            }
        }
        return found.sorted { $0.id < $1.id }.prefix(query.limit).map { contents.whole($0) }
    }

    package func groups(_ query: ProvisionedQuery) -> [ProvisionedGroup] {
        let found = contents.provisionedGroups.filter { group in
            guard group.provisioner == query.provisioner else { return false }
            return switch query.key {
            case .after(let id): group.id > id ?? ""
            case .id(let id): group.id == id
            case .name(let name): group.name.text == name
            case .externalId(let id): group.draft.externalId == id
            case .member(let id): group.draft.members.contains(id)
            }
        }
        return Array(found.sorted { $0.id < $1.id }.prefix(query.limit))
    }

    package func provisioned(_ person: IdentityID) -> ProvisionedPerson? {
        contents.provisionedPersons.first { $0.identity.id == person }.map { contents.whole($0) }
    }

    package func holders(of login: Login) -> [IdentityID] {
        contents.identities.filter {
            $0.id.kind == .person && $0.attributes.login == login
        }.map(\.id).sorted()
    }
}
