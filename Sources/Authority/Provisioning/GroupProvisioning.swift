import Names
import SSHFormats

/// Groups as a provisioner pushes them. They count where the policy declares a group of that name `external`, as those of an
/// identity provider do.
package struct GroupProvisioning: Sendable {
    let store: any Provisioning
    let policies: PolicyDesk
    let recorder: Recorder

    package func groups(
        _ key: ProvisionedQuery.Key, by caller: ProvisioningCaller, limit: Int = 50
    ) async throws(AuthorityError) -> [ProvisionedGroup] {
        do {
            return try await store.groups(ProvisionedQuery(caller.provisioner.id, key, limit: limit))
        } catch { throw .store(error) }
    }

    /// - Throws: `.refused(.badName)` for a display name that no policy could name, `.refused(.alreadyExists)` for one that
    ///   is taken, `.refused(.badRequest)` for members that are not there.
    package func add(
        _ draft: GroupDraft, by caller: ProvisioningCaller
    ) async throws(AuthorityError) -> Outcome<ProvisionedGroup> {
        let name = try name(of: draft)
        return try await policies.turns.take { (unmoved) async throws(AuthorityError) in
            try await unused(name, caller)
            let now = recorder.world.now()
            let group = ProvisionedGroup(
                id: Hexadecimal.text(recorder.world.random(16)), provisioner: caller.provisioner.id,
                name: name, draft: draft, createdAt: now, changedAt: now)
            let facts = try await memberships(of: draft.members, now: group, instead: nil, caller)
            let event = event(.groupAdded, group, draft.members, [], caller)
            return try await recorder.record(
                [unmoved, .provisioned(.groupKept(group))] + facts, event, group, once: .unclaimed)
        }
    }

    /// - Returns: Without a receipt where nothing changed.
    /// - Throws: `.refused(.resourceMoved)` if it is another version meanwhile.
    package func change(
        _ id: String, to draft: GroupDraft, since version: UInt64?, by caller: ProvisioningCaller
    ) async throws(AuthorityError) -> Outcome<ProvisionedGroup> {
        let name = try name(of: draft)
        return try await policies.turns.take { (unmoved) async throws(AuthorityError) in
            let former = try await known(id, version, caller)
            guard former.draft != draft else { return Outcome(former, nil) }
            if name != former.name { try await unused(name, caller) }
            var group = former
            group.name = name
            group.draft = draft
            group.version += 1
            group.changedAt = recorder.world.now()
            let (old, new) = (former.draft.members, draft.members)
            // Under another name it is another group for everybody.
            let moving = name == former.name ? old.symmetricDifference(new) : old.union(new)
            let facts = try await memberships(of: moving, now: group, instead: former, caller)
            let event = event(.groupChanged, group, new.subtracting(old), old.subtracting(new), caller)
            return try await recorder.record(
                [unmoved, .provisioned(.groupKept(group))] + facts, event, group, once: .unclaimed)
        }
    }

    package func remove(
        _ id: String, since version: UInt64?, by caller: ProvisioningCaller
    ) async throws(AuthorityError) -> Outcome<ProvisionedGroup> {
        try await policies.turns.take { (unmoved) async throws(AuthorityError) in
            let former = try await known(id, version, caller)
            let facts = try await memberships(of: former.draft.members, now: nil, instead: former, caller)
            let event = event(.groupRemoved, former, [], former.draft.members, caller)
            return try await recorder.record(
                [unmoved] + facts + [.provisioned(.groupLeft(id: id))], event, former, once: .unclaimed)
        }
    }

    /// The groups of each of these persons, with this one as it is now.
    private func memberships(
        of members: Set<String>, now group: ProvisionedGroup?, instead former: ProvisionedGroup?,
        _ caller: ProvisioningCaller
    ) async throws(AuthorityError) -> [Fact] {
        var facts: [Fact] = []
        for id in members.sorted() {
            let found: ProvisionedPerson?
            do {
                found = try await store.persons(ProvisionedQuery(caller.provisioner.id, .id(id), limit: 1))
                    .first
            } catch { throw .store(error) }
            guard let found else {
                // Who left meanwhile is a member of nothing.
                guard group?.draft.members.contains(id) ?? false else { continue }
                throw .refused(.badRequest, "members: no such user")
            }
            var names: Set<Name> = []
            for held in found.groups where held.id != (former ?? group)?.id {
                if let name = try? GroupDraft(displayName: held.displayName).name { names.insert(name) }
            }
            if let group, group.draft.members.contains(id) { names.insert(group.name) }
            facts.append(.groupsSet(found.identity.id, source: caller.provisioner.source, names))
        }
        return facts
    }

    private func known(
        _ id: String, _ version: UInt64?, _ caller: ProvisioningCaller
    ) async throws(AuthorityError) -> ProvisionedGroup {
        guard let found = try await groups(.id(id), by: caller).first else {
            throw .refused(.notFound, "no such group")
        }
        guard version ?? found.version == found.version else { throw .refused(.resourceMoved) }
        return found
    }

    private func name(of draft: GroupDraft) throws(AuthorityError) -> Name {
        try ExternalID.check(draft.externalId)
        do { return try draft.name } catch { throw .refused(.badName, "displayName: \(error)") }
    }

    private func unused(_ name: Name, _ caller: ProvisioningCaller) async throws(AuthorityError) {
        guard try await groups(.name(name.text), by: caller).isEmpty else {
            throw .refused(.alreadyExists, "displayName: another group is \(name) for policies")
        }
    }

    private func event(
        _ action: EventAction, _ group: ProvisionedGroup, _ added: Set<String>, _ removed: Set<String>,
        _ caller: ProvisioningCaller
    ) -> Event {
        var details: [String: EventValue] = ["displayName": .text(group.draft.displayName)]
        if !added.isEmpty {
            details["added"] = .list(added.sorted())
            details["addedCount"] = .number(UInt64(added.count))
        }
        if !removed.isEmpty {
            details["removed"] = .list(removed.sorted())
            details["removedCount"] = .number(UInt64(removed.count))
        }
        return Event(
            action, by: caller.requester, on: "group:\(group.name)", at: recorder.world.now(),
            details: details)
    }
}
