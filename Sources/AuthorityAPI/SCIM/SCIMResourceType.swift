/// What can be provisioned, with its attributes (RFC 7643 §4, §6).
package enum SCIMResourceType: String, Hashable, Sendable, CaseIterable {
    case user = "User"
    case group = "Group"

    package init?(endpoint: String) {
        guard let found = SCIMResourceType.allCases.first(where: { $0.endpoint == endpoint }) else {
            return nil
        }
        self = found
    }

    /// `Users`.
    package var endpoint: String { rawValue + "s" }
    package var schema: String { "urn:ietf:params:scim:schemas:core:2.0:" + rawValue }
    /// What Keyreeve says of it beyond the standard, to those who ask for it: clients that know every extension by heart would
    /// else try to write it.
    package var extensionSchema: String? { self == .user ? SCIMResourceType.keyreeve : nil }

    package static let keyreeve = "urn:keyreeve:params:scim:schemas:extension:1.0:User"

    /// Those of its schema.
    package var attributes: [SCIMAttribute] {
        switch self {
        case .user: SCIMResourceType.ofUsers
        case .group: SCIMResourceType.ofGroups
        }
    }

    package var extensionAttributes: [SCIMAttribute] {
        self == .user ? SCIMResourceType.ofKeyreeve : []
    }

    /// Those that every resource has (RFC 7643 §3.1).
    package static let common: [SCIMAttribute] = [
        SCIMAttribute("id", "Chosen here, never given again.") {
            $0.mutability = .readOnly
            $0.isCaseExact = true
            $0.isAlwaysReturned = true
        },
        SCIMAttribute("externalId", "What the client calls it.") { $0.isCaseExact = true },
        SCIMAttribute("meta", "What is known of the resource itself.") {
            $0.kind = .complex
            $0.mutability = .readOnly
            $0.parts = [
                SCIMAttribute("resourceType", "User or Group.") { $0.isCaseExact = true },
                SCIMAttribute("created", "When it was made.") { $0.kind = .dateTime },
                SCIMAttribute("lastModified", "When it was changed last.") { $0.kind = .dateTime },
                SCIMAttribute("location", "Its address.") { $0.isCaseExact = true },
                SCIMAttribute("version", "Its ETag.") { $0.isCaseExact = true },
            ]
        },
    ]

    private static let ofUsers: [SCIMAttribute] = [
        SCIMAttribute(
            "userName",
            "What stands before its @ becomes, in lower case, the person's name here when the user is made."
        ) {
            $0.isRequired = true
            $0.isUnique = true
        },
        SCIMAttribute("name", "The person's name.") {
            $0.kind = .complex
            $0.parts = [
                SCIMAttribute("formatted", "The whole name."),
                SCIMAttribute("familyName", "The family name."),
                SCIMAttribute("givenName", "The given name."),
            ]
        },
        SCIMAttribute("displayName", "What people call the person."),
        SCIMAttribute(
            "active", "Whether the person may act. false ends sessions and revokes certificates at once."
        ) { $0.kind = .boolean },
        SCIMAttribute("emails", "Kept and shown; nobody is known by them here.") {
            $0.kind = .complex
            $0.isMultiValued = true
            $0.parts = [
                SCIMAttribute("value", "The address."),
                SCIMAttribute("type", "What it is for.") { $0.canonicalValues = ["work", "home", "other"] },
                SCIMAttribute("primary", "Whether it is the preferred one.") { $0.kind = .boolean },
            ]
        },
        SCIMAttribute("groups", "Groups that the user is a member of.") {
            $0.kind = .complex
            $0.isMultiValued = true
            $0.mutability = .readOnly
            $0.parts = [
                SCIMAttribute("value", "The id of the group.") {
                    $0.isCaseExact = true
                    $0.mutability = .readOnly
                },
                SCIMAttribute("$ref", "The address of the group.") {
                    $0.kind = .reference
                    $0.isCaseExact = true
                    $0.mutability = .readOnly
                    $0.referenceTypes = ["Group"]
                },
                SCIMAttribute("display", "The group's displayName.") { $0.mutability = .readOnly },
            ]
        },
    ]

    private static let ofGroups: [SCIMAttribute] = [
        SCIMAttribute(
            "displayName",
            "In lower case, with hyphens for spaces, it is the group that a policy may name."
        ) {
            $0.isRequired = true
            $0.isUnique = true
        },
        SCIMAttribute("members", "Users of the same client.") {
            $0.kind = .complex
            $0.isMultiValued = true
            $0.parts = [
                SCIMAttribute("value", "The id of the user.") {
                    $0.isCaseExact = true
                    $0.mutability = .immutable
                },
                SCIMAttribute("$ref", "The address of the user.") {
                    $0.kind = .reference
                    $0.isCaseExact = true
                    $0.mutability = .immutable
                    $0.referenceTypes = ["User"]
                },
                SCIMAttribute("type", "User: groups have no groups as members.") {
                    $0.mutability = .immutable
                    $0.canonicalValues = ["User"]
                },
            ]
        },
    ]

    private static let ofKeyreeve: [SCIMAttribute] = [
        SCIMAttribute("identity", "The person's name here, as policies have it.") {
            $0.mutability = .readOnly
        },
        SCIMAttribute("login", "The person's login on hosts, what $self stands for in policies.") {
            $0.mutability = .readOnly
        },
        SCIMAttribute("status", "active, suspended or retired, whoever set it.") {
            $0.mutability = .readOnly
        },
    ]
}
