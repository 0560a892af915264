package import Names

/// Something that a policy may say and that is seldom meant.
package struct PolicyWarning: Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable, CaseIterable {
        /// A role on the authority goes to a group that somebody else fills.
        case externalRole = "external-role"
    }

    package let code: Code
    package let grant: Name
    /// The group that is declared `external`.
    package let group: Name
    package let roles: [AuthorityRole]

    package var description: String {
        let held = roles.map(\.rawValue).joined(separator: ", ")
        return
            "grant \(grant): group:\(group) is external, so whoever fills it, a provisioner or an identity "
            + "provider, decides who is \(held) here"
    }
}

extension Policy {
    /// In the order of the grants and of their groups.
    package var warnings: [PolicyWarning] {
        grants.flatMap { grant in
            let roles = grant.as.compactMap { rule -> AuthorityRole? in
                if case .role(let role) = rule { return role }
                return nil
            }
            guard !roles.isEmpty else { return [PolicyWarning]() }
            return grant.who.compactMap { entry in
                guard case .group(let name) = entry, externalGroups.contains(name) else { return nil }
                return PolicyWarning(code: .externalRole, grant: grant.name, group: name, roles: roles)
            }
        }
    }
}
