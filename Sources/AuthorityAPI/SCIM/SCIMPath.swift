/// What an operation of PATCH is about (RFC 7644 §3.5.2): `active`, `name.givenName`, `members[value eq "…"]`,
/// `emails[type eq "work"].value`.
package struct SCIMPath: Hashable, Sendable {
    package let target: SCIMTarget
    package let filter: SCIMFilter?
}

/// The attribute that a text names, as far as it can be found.
enum SCIMNamed: Hashable {
    case known(SCIMTarget)
    /// Of a standard schema, and not kept here.
    case unkept
    case unknown
}

extension SCIMResourceType {
    /// Finds `userName`, `name.familyName`, or either behind the URN of its schema (RFC 7644 §3.10).
    func named(_ text: String) -> SCIMNamed {
        let lower = text.lowercased()
        guard lower.hasPrefix("urn:") else { return named(text, among: attributes + Self.common, nil) }
        if lower.hasPrefix(schema.lowercased() + ":") {
            return named(String(text.dropFirst(schema.count + 1)), among: attributes + Self.common, nil)
        }
        if let own = extensionSchema, lower.hasPrefix(own.lowercased() + ":") {
            return named(String(text.dropFirst(own.count + 1)), among: extensionAttributes, own)
        }
        return lower.hasPrefix("urn:ietf:params:scim:schemas:extension:") ? .unkept : .unknown
    }

    private func named(_ text: String, among known: [SCIMAttribute], _ home: String?) -> SCIMNamed {
        let names = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        guard let first = names.first, let attribute = known.named(first) else {
            let isStandard = home == nil && Self.unkept[self, default: []].contains(names[0].lowercased())
            return isStandard ? .unkept : .unknown
        }
        guard let second = names.dropFirst().first else {
            return .known(SCIMTarget(extensionSchema: home, attribute: attribute, part: nil))
        }
        if let part = attribute.part(second) {
            return .known(SCIMTarget(extensionSchema: home, attribute: attribute, part: part))
        }
        return Self.unkeptParts.contains(second.lowercased()) ? .unkept : .unknown
    }

    /// Attributes of the core schema that nothing here is done with: what a client sends of them is left.
    private static let unkept: [SCIMResourceType: Set<String>] = [
        .user: [
            "nickname", "profileurl", "title", "usertype", "preferredlanguage", "locale", "timezone",
            "password",
            "phonenumbers", "ims", "photos", "addresses", "entitlements", "roles", "x509certificates",
        ]
    ]

    private static let unkeptParts: Set<String> = [
        "middlename", "honorificprefix", "honorificsuffix", "display",
    ]
}
