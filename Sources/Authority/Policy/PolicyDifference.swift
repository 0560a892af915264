package import Names

/// What one policy gives and another does not: by what it comes to, whatever the grants are called and however people
/// are grouped.
package struct PolicyDifference: Sendable {
    package enum Kind: String, Sendable { case gains, loses, changes }

    /// One right that is there, gone, or there on other terms.
    package struct Change: Sendable {
        package let kind: Kind
        package let right: Right
        /// The grants that give it, before and after.
        package let before: [GivenRight]
        package let after: [GivenRight]
    }

    /// In order of holder, place and login.
    package let changes: [Change]
    /// Whether the texts are the same byte for byte.
    package let isSameText: Bool
    /// Of the new one.
    package let warnings: [PolicyWarning]

    package init(from old: Policy, to new: Policy, hosts: HostIndex, own: (IdentityID) -> Login?) {
        warnings = new.warnings
        isSameText = old.source.utf8.elementsEqual(new.source.utf8)
        changes = old.holders.union(new.holders).flatMap { holder in
            let login: Login? = if case .identity(let id) = holder { own(id) } else { nil }
            return Self.changes(
                old.rights(of: holder, own: login, hosts: hosts),
                new.rights(of: holder, own: login, hosts: hosts))
        }.sorted { $0.right < $1.right }
    }

    private static func changes(_ old: [GivenRight], _ new: [GivenRight]) -> [Change] {
        let before = Dictionary(grouping: old, by: \.right)
        let after = Dictionary(grouping: new, by: \.right)
        return Set(before.keys).union(after.keys).compactMap { right in
            switch (before[right], after[right]) {
            case (let was?, nil): return Change(kind: .loses, right: right, before: was, after: [])
            case (nil, let will?): return Change(kind: .gains, right: right, before: [], after: will)
            case (let was?, let will?):
                guard Set(was.map(\.terms)) != Set(will.map(\.terms)) else { return nil }
                return Change(kind: .changes, right: right, before: was, after: will)
            case (nil, nil): return nil
            }
        }
    }
}
