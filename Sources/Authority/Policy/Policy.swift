package import Names

/// Who may do what: the grants of one YAML document. Deny by default, no deny rules, no
/// wildcards.
///
/// A value of this type was read strictly and as a whole. It is pure: every question gets its facts and the
/// time.
package struct Policy: Hashable, Sendable {
    /// Members of each group, persons and services. Groups that the identity provider fills have none here.
    package let groups: [Name: Set<IdentityID>]
    /// Groups declared as `NAME: external`. Only for these does membership claimed by the identity provider
    /// count, so that it cannot put anybody into a group whose members stand in the policy.
    package let externalGroups: Set<Name>
    /// In the order of the document, which is the order in which they are tried.
    package let grants: [Grant]
    package let tests: [PolicyTest]
    /// Every rule, as set or as it stands by default.
    package let governance: [GovernanceRule: GovernanceSetting]
    package let recovery: RecoveryRule
    /// The text that it was read from.
    package let source: String

    /// Reads a policy.
    ///
    /// - Throws: ``PolicyFaults`` with all that is wrong at once: unknown or repeated keys, repeated names,
    ///   wrong types, names outside their allow-list, empty lists, groups that do not exist, anchors and
    ///   aliases, more than 1 MiB.
    package init(yaml: String, limits: PolicyLimits = .standard) throws(PolicyFaults) {
        let (root, faults) = try PolicyYAML.read(yaml)
        var reader = PolicyReader(faults: faults, limits: limits)
        let document = reader.document(root)
        if let first = reader.faults.first {
            throw PolicyFaults(first, Array(reader.faults.dropFirst()))
        }
        guard let document else {
            throw PolicyFaults(PolicyFault(line: 0, path: "", problem: "cannot be read"))
        }
        groups = document.groups.members
        externalGroups = document.groups.external
        grants = document.grants
        tests = document.tests
        governance = document.governance
        recovery = document.recovery
        source = yaml
    }

    /// Whether one of the entries means this subject.
    func includes(_ who: [Who], _ subject: Subject) -> Bool {
        who.contains { entry in
            switch entry {
            case .identity(let id): id == subject.identity.id
            case .group(let name): isMember(subject, of: name)
            }
        }
    }

    private func isMember(_ subject: Subject, of group: Name) -> Bool {
        if externalGroups.contains(group) { return subject.externalGroups.contains(group) }
        return groups[group]?.contains(subject.identity.id) ?? false
    }
}
