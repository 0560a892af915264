import Authority
import AuthorityAPI
package import Names

/// What a provider's claims make of a person here. Only what the configuration names is looked at.
package struct ClaimRules: Hashable, Sendable {
    /// The claim whose texts are groups; nil: none are.
    package var groupsClaim: String?
    /// Groups by what a claim says.
    package var groups: [GroupRule] = []
    /// nil: logins are as an admin sets them.
    package var login: NameRule?
    /// What persons are called who are made at their first sign-in; nil: none are made.
    package var name: NameRule?

    /// Groups of one person that are looked at.
    static let mostGroups = 1_024

    package init() {}

    /// A claim that has this text, alone or among others, makes a member of the group.
    package struct GroupRule: Hashable, Sendable {
        package let claim: String
        package let value: String
        package let group: Name

        package init(claim: String, value: String, group: Name) {
            self.claim = claim
            self.value = value
            self.group = group
        }
    }

    /// A name that is a claim's text, without what must stand at its end.
    package struct NameRule: Hashable, Sendable {
        package let claim: String
        /// E.g. `@example.com`; a text that does not end so is no name. Empty: the whole text.
        package let without: String

        package init(claim: String, without: String = "") {
            self.claim = claim
            self.without = without
        }

        /// nil where the claim is missing, is no text, or does not end as it must.
        func text(_ claims: JSONValue) -> String? {
            guard let text = claims.claim(claim)?.text, text.utf8.count <= 512,
                text.utf8.count >= without.utf8.count,
                text.utf8.suffix(without.utf8.count).elementsEqual(without.utf8)
            else { return nil }
            return String(decoding: Array(text.utf8.dropLast(without.utf8.count)), as: UTF8.self)
        }
    }

    /// Claims that are asked of userinfo where the ID token has not got them.
    var wanted: [String] {
        [groupsClaim, login?.claim, name?.claim].compactMap(\.self) + groups.map(\.claim)
    }
}

extension ClaimRules {
    /// nil where nothing is said about groups: those that were vouched for stay.
    ///
    /// - Parameter isWhole: Whether all that the provider says is there, so that what is missing is not so.
    func groups(_ claims: JSONValue, isWhole: Bool) -> Set<Name>? {
        let names = [groupsClaim].compactMap(\.self) + groups.map(\.claim)
        guard !names.isEmpty, isWhole || names.contains(where: { claims.claim($0) != nil }) else {
            return nil
        }
        let listed = groupsClaim.flatMap { claims.claim($0)?.texts } ?? []
        // Those whose names can be groups here; others say nothing.
        var found = Set(listed.prefix(Self.mostGroups).compactMap { try? Name($0) })
        for rule in groups where claims.claim(rule.claim)?.texts?.contains(rule.value) ?? false {
            found.insert(rule.group)
        }
        return found
    }

    func login(_ claims: JSONValue, isWhole: Bool) -> VouchedLogin {
        guard let login, isWhole || claims.claim(login.claim) != nil else { return .unsaid }
        guard let text = login.text(claims), let found = try? Login(text), !found.isRoot else { return .none }
        return .named(found)
    }

    /// Nothing is folded or mended: what is no name here makes nobody.
    func name(_ claims: JSONValue) -> Name? { name?.text(claims).flatMap { try? Name($0) } }
}

extension JSONValue {
    /// The claim of this name; else what its parts between dots lead to, as in `realm_access.roles`.
    func claim(_ name: String) -> JSONValue? {
        if let own = self[name] { return own }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1 else { return nil }
        var value: JSONValue? = self
        for part in parts { value = value?[part] }
        return value
    }
}
