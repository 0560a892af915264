import Authority
import AuthorityAPI
import Names

/// Translates what providers say to calls of the authority and back. No rules live here.
struct SCIMRoutes: Sendable {
    /// How often a change is done again that somebody else's came before.
    private static let tries = 4

    let authority: Authority

    /// - Throws: `SCIMError`, `AuthorityError`.
    func answer(_ call: SCIMCall) async throws -> SCIMAnswer {
        switch call.route {
        case .scimConfig: try document(SCIMDiscovery(base: call.base).configuration, call)
        case .scimResourceTypes: try documents(SCIMDiscovery(base: call.base).resourceTypes, call)
        case .scimResourceType: try one(of: SCIMDiscovery(base: call.base).resourceTypes, call)
        case .scimSchemas: try documents(SCIMDiscovery(base: call.base).schemas, call)
        case .scimSchema: try one(of: SCIMDiscovery(base: call.base).schemas, call)
        case .scimUsers: try await list([.user], SCIMSearch(query: call.query), call)
        case .scimGroups: try await list([.group], SCIMSearch(query: call.query), call)
        case .scimUserSearch: try await list([.user], SCIMSearch(message: call.message()), call)
        case .scimGroupSearch: try await list([.group], SCIMSearch(message: call.message()), call)
        case .scimSearch: try await list([.user, .group], SCIMSearch(message: call.message()), call)
        case .scimUserAdd: try await addUser(call)
        case .scimUser: try show(call, try await user(call))
        case .scimUserReplace:
            try await changeUser(call) { present throws(SCIMError) in
                let sent = try SCIMResourceType.user.read(try call.message())
                // What is not said does not resume anybody.
                return sent["active"] == nil ? sent.setting("active", present["active"]) : sent
            }
        case .scimUserPatch:
            try await changeUser(call) { present throws(SCIMError) in
                try SCIMPatch(try call.message(), of: .user).applied(to: present)
            }
        case .scimUserRemove: try await removeUser(call)
        case .scimGroupAdd: try await addGroup(call)
        case .scimGroup: try show(call, try await group(call))
        case .scimGroupReplace:
            try await changeGroup(call) { _ throws(SCIMError) in
                try SCIMResourceType.group.read(try call.message())
            }
        case .scimGroupPatch:
            try await changeGroup(call) { present throws(SCIMError) in
                try SCIMPatch(try call.message(), of: .group).applied(to: present)
            }
        case .scimGroupRemove: try await removeGroup(call)
        }
    }

    private func user(_ call: SCIMCall) async throws -> (JSONValue, UInt64) {
        let person = try await person(call)
        return (SCIMResources(base: call.base).resource(person), person.version)
    }

    private func person(_ call: SCIMCall) async throws -> ProvisionedPerson {
        let found = try await authority.provisioning.persons(.id(call.id ?? ""), by: call.caller, limit: 1)
        guard let person = found.first else { throw SCIMError(404, nil, "no such user") }
        return person
    }

    private func addUser(_ call: SCIMCall) async throws -> SCIMAnswer {
        var draft = try PersonDraft(try SCIMResourceType.user.read(try call.message()))
        draft.isActive = draft.isActive ?? true
        let outcome = try await authority.provisioning.add(draft, by: call.caller)
        return try made(outcome.value, outcome.receipt, call)
    }

    private func changeUser(
        _ call: SCIMCall, _ change: (JSONValue) throws(SCIMError) -> JSONValue
    ) async throws -> SCIMAnswer {
        try await repeated(call) {
            let present = try await person(call)
            try matched(present.version, call)
            let draft = try PersonDraft(try change(SCIMResources(base: call.base).resource(present)))
            let outcome = try await authority.provisioning.change(
                present.id, to: draft, since: present.version, by: call.caller)
            return try shown(outcome.value, outcome.receipt, call)
        }
    }

    private func removeUser(_ call: SCIMCall) async throws -> SCIMAnswer {
        try await repeated(call) {
            let present = try await person(call)
            try matched(present.version, call)
            let outcome = try await authority.provisioning.remove(
                present.id, since: call.ifMatch.map { _ in present.version }, by: call.caller)
            return SCIMAnswer(status: 204, receipt: outcome.receipt)
        }
    }

    private func made(
        _ person: ProvisionedPerson, _ receipt: Receipt?, _ call: SCIMCall
    ) throws -> SCIMAnswer {
        var answer = try shown(person, receipt, call)
        answer.status = 201
        answer.location = SCIMResources(base: call.base).location(.user, person.id)
        return answer
    }

    private func shown(
        _ person: ProvisionedPerson, _ receipt: Receipt?, _ call: SCIMCall
    ) throws -> SCIMAnswer {
        let resource = SCIMResources(base: call.base).resource(person)
        return SCIMAnswer(
            body: try projection(call, [.user]).applied(to: resource), version: person.version,
            receipt: receipt)
    }

    private func group(_ call: SCIMCall) async throws -> (JSONValue, UInt64) {
        let group = try await found(call)
        return (SCIMResources(base: call.base).resource(group), group.version)
    }

    private func found(_ call: SCIMCall) async throws -> ProvisionedGroup {
        let found = try await authority.groupProvisioning.groups(
            .id(call.id ?? ""), by: call.caller, limit: 1)
        guard let group = found.first else { throw SCIMError(404, nil, "no such group") }
        return group
    }

    private func addGroup(_ call: SCIMCall) async throws -> SCIMAnswer {
        let draft = try GroupDraft(try SCIMResourceType.group.read(try call.message()))
        let outcome = try await authority.groupProvisioning.add(draft, by: call.caller)
        var answer = try shown(outcome.value, outcome.receipt, call)
        answer.status = 201
        answer.location = SCIMResources(base: call.base).location(.group, outcome.value.id)
        return answer
    }

    private func changeGroup(
        _ call: SCIMCall, _ change: (JSONValue) throws(SCIMError) -> JSONValue
    ) async throws -> SCIMAnswer {
        try await repeated(call) {
            let present = try await found(call)
            try matched(present.version, call)
            let draft = try GroupDraft(try change(SCIMResources(base: call.base).resource(present)))
            let outcome = try await authority.groupProvisioning.change(
                present.id, to: draft, since: present.version, by: call.caller)
            return try shown(outcome.value, outcome.receipt, call)
        }
    }

    private func removeGroup(_ call: SCIMCall) async throws -> SCIMAnswer {
        try await repeated(call) {
            let present = try await found(call)
            try matched(present.version, call)
            let outcome = try await authority.groupProvisioning.remove(
                present.id, since: call.ifMatch.map { _ in present.version }, by: call.caller)
            return SCIMAnswer(status: 204, receipt: outcome.receipt)
        }
    }

    private func shown(
        _ group: ProvisionedGroup, _ receipt: Receipt?, _ call: SCIMCall
    ) throws -> SCIMAnswer {
        let resource = SCIMResources(base: call.base).resource(group)
        return SCIMAnswer(
            body: try projection(call, [.group]).applied(to: resource), version: group.version,
            receipt: receipt)
    }

    private func show(_ call: SCIMCall, _ found: (resource: JSONValue, version: UInt64)) throws -> SCIMAnswer
    {
        if let tags = call.ifNoneMatch, SCIMVersion.isNamed(found.version, in: tags) {
            return SCIMAnswer(status: 304, version: found.version)
        }
        let types: [SCIMResourceType] = call.route == .scimUser ? [.user] : [.group]
        return SCIMAnswer(
            body: try projection(call, types).applied(to: found.resource), version: found.version)
    }

    func projection(
        _ call: SCIMCall, _ types: [SCIMResourceType]
    ) throws(SCIMError) -> SCIMProjection {
        let search = try SCIMSearch(query: call.query)
        return try SCIMProjection(only: search.attributes, without: search.excludedAttributes, of: types)
    }

    private func matched(_ version: UInt64, _ call: SCIMCall) throws(SCIMError) {
        guard let tags = call.ifMatch, !SCIMVersion.isNamed(version, in: tags) else { return }
        throw SCIMError(412, nil, "it was changed meanwhile: read it again")
    }

    /// Without If-Match a change is meant for whatever is there.
    private func repeated(_ call: SCIMCall, _ work: () async throws -> SCIMAnswer) async throws -> SCIMAnswer
    {
        for _ in 1..<SCIMRoutes.tries {
            do { return try await work() } catch AuthorityError.refused(let refused) {
                guard refused.refusal == .resourceMoved, call.ifMatch == nil else {
                    throw AuthorityError.refused(refused)
                }
            }
        }
        return try await work()
    }
}
