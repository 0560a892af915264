import Names

/// A policy document as it was read.
struct PolicyDocument {
    let groups: PolicyGroups
    let grants: [Grant]
    let tests: [PolicyTest]
    let governance: [GovernanceRule: GovernanceSetting]
    let recovery: RecoveryRule
}

struct PolicyGroups {
    var members: [Name: Set<IdentityID>] = [:]
    var external: Set<Name> = []

    func contains(_ name: Name) -> Bool { members[name] != nil || external.contains(name) }
}

extension PolicyReader {
    mutating func document(_ root: PolicyValue) -> PolicyDocument? {
        let optional = ["groups", "tests", "governance", "recovery"]
        guard let fields = fields(root, required: ["grants"], optional: optional) else { return nil }
        let groups = fields["groups"].map { self.groups($0) } ?? PolicyGroups()
        let grants = fields["grants"].map { self.grants($0, groups) } ?? []
        let tests = fields["tests"].flatMap { distinct($0) { $0.test($1, groups) } } ?? []
        return PolicyDocument(
            groups: groups, grants: grants, tests: tests, governance: governance(fields["governance"]),
            recovery: recovery(fields["recovery"], groups))
    }

    private mutating func groups(_ value: PolicyValue) -> PolicyGroups {
        var groups = PolicyGroups()
        guard case .map(let entries) = value.content, !entries.isEmpty else {
            note(value, "must be a mapping with a group or more; leave it out if there are none")
            return groups
        }
        for entry in entries {
            let key = PolicyValue(line: entry.line, path: entry.value.path, content: .text(entry.key))
            guard let name = name(key, Name.init(_:)) else { continue }
            if case .text(let text) = entry.value.content, text.utf8.elementsEqual("external".utf8) {
                groups.external.insert(name)
                continue
            }
            groups.members[name] = Set(distinct(entry.value) { $0.member($1) } ?? [])
        }
        return groups
    }

    private mutating func grants(_ value: PolicyValue, _ groups: PolicyGroups) -> [Grant] {
        var seen: Set<Name> = []
        var grants: [Grant] = []
        for entry in list(value) ?? [] {
            guard let grant = grant(entry, groups) else { continue }
            guard seen.insert(grant.name).inserted else {
                note(entry, "there is another grant called \(grant.name)")
                continue
            }
            grants.append(grant)
        }
        return grants
    }

    /// A person, or a service as `service:NAME`.
    mutating func member(_ value: PolicyValue) -> IdentityID? {
        guard let text = text(value) else { return nil }
        if text.utf8.starts(with: "group:".utf8) { return fault(value, "a group cannot stand here") }
        guard let id = name(value, text, IdentityID.init(_:)) else { return nil }
        switch id.kind {
        case .person, .service: return id
        case .device, .host: return fault(value, "only persons and services are granted anything")
        }
    }

    /// The name behind `group:`, if there is such a group.
    mutating func group(_ value: PolicyValue, _ groups: PolicyGroups) -> Name? {
        guard let text = text(value) else { return nil }
        guard let rest = text.behind("group:") else { return fault(value, "must be group:NAME") }
        guard let name = name(value, rest, Name.init(_:)) else { return nil }
        guard groups.contains(name) else { return fault(value, "there is no group called \(name)") }
        return name
    }
}

extension String {
    /// What follows this prefix, compared byte by byte; nil if the text does not begin with it.
    func behind(_ prefix: String) -> String? {
        guard utf8.starts(with: prefix.utf8) else { return nil }
        return String(decoding: utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
    }
}
