import Authority
import AuthorityAPI
import Names
import SSHFormats

/// Writes persons and groups as resources, and reads what is said of them.
struct SCIMResources: Sendable {
    /// What their addresses begin with.
    let base: String

    func location(_ type: SCIMResourceType, _ id: String) -> String { "\(base)/\(type.endpoint)/\(id)" }

    func resource(_ person: ProvisionedPerson) -> JSONValue {
        let (draft, profile) = (person.draft, person.draft.profile)
        let name = JSONValue.members([
            ("formatted", profile.formatted.map { .string($0) }),
            ("familyName", profile.familyName.map { .string($0) }),
            ("givenName", profile.givenName.map { .string($0) }),
        ])
        return .members([
            ("schemas", .texts([SCIMResourceType.user.schema, SCIMResourceType.keyreeve])),
            ("id", .string(person.id)), ("externalId", draft.externalId.map { .string($0) }),
            ("userName", .string(draft.userName)), ("name", name.isUnassigned ? nil : name),
            ("displayName", profile.displayName.map { .string($0) }),
            ("active", person.isActive.map { .bool($0) }),
            ("emails", profile.emails.isEmpty ? nil : .array(profile.emails.map(Self.email))),
            ("groups", person.groups.isEmpty ? nil : .array(person.groups.map(membership))),
            (
                SCIMResourceType.keyreeve,
                .members([
                    ("identity", .string(person.identity.id.description)),
                    ("login", person.identity.attributes.login.map { .string($0.text) }),
                    ("status", .string(person.identity.status.rawValue)),
                ])
            ),
            (
                "meta",
                meta(.user, person.id, person.createdAt.seconds, person.changedAt.seconds, person.version)
            ),
        ])
    }

    func resource(_ group: ProvisionedGroup) -> JSONValue {
        let members = group.draft.members.sorted().map { id in
            JSONValue.members([
                ("value", .string(id)), ("$ref", .string(location(.user, id))), ("type", .string("User")),
            ])
        }
        return .members([
            ("schemas", .texts([SCIMResourceType.group.schema])), ("id", .string(group.id)),
            ("externalId", group.draft.externalId.map { .string($0) }),
            ("displayName", .string(group.draft.displayName)),
            ("members", members.isEmpty ? nil : .array(members)),
            (
                "meta",
                meta(.group, group.id, group.createdAt.seconds, group.changedAt.seconds, group.version)
            ),
        ])
    }

    private static func email(_ email: PersonProfile.Email) -> JSONValue {
        .members([
            ("value", email.value.map { .string($0) }), ("type", email.type.map { .string($0) }),
            ("primary", email.isPrimary.map { .bool($0) }),
        ])
    }

    private func membership(_ group: ProvisionedPerson.Membership) -> JSONValue {
        .members([
            ("value", .string(group.id)), ("$ref", .string(location(.group, group.id))),
            ("display", .string(group.displayName)),
        ])
    }

    private func meta(
        _ type: SCIMResourceType, _ id: String, _ created: UInt64, _ changed: UInt64, _ version: UInt64
    ) -> JSONValue {
        .members([
            ("resourceType", .string(type.rawValue)), ("created", .string(SCIMTime.text(created))),
            ("lastModified", .string(SCIMTime.text(changed))), ("location", .string(location(type, id))),
            ("version", .string(SCIMVersion.text(version))),
        ])
    }
}

extension PersonDraft {
    /// - Parameter resource: As ``SCIMResourceType/read(_:)`` gives it.
    init(_ resource: JSONValue) throws(SCIMError) {
        guard let userName = resource["userName"]?.text else {
            throw .invalid(.invalidValue, "userName: missing")
        }
        var profile = PersonProfile()
        profile.formatted = resource["name"]?["formatted"]?.text
        profile.familyName = resource["name"]?["familyName"]?.text
        profile.givenName = resource["name"]?["givenName"]?.text
        profile.displayName = resource["displayName"]?.text
        profile.emails = (resource["emails"]?.elements ?? []).map { email in
            PersonProfile.Email(
                value: email["value"]?.text, type: email["type"]?.text,
                isPrimary: email["primary"].map { $0 == .bool(true) })
        }
        self.init(
            userName: userName, externalId: resource["externalId"]?.text,
            isActive: resource["active"].map { $0 == .bool(true) }, profile: profile)
    }
}

extension GroupDraft {
    /// - Parameter resource: As ``SCIMResourceType/read(_:)`` gives it.
    init(_ resource: JSONValue) throws(SCIMError) {
        guard let displayName = resource["displayName"]?.text else {
            throw .invalid(.invalidValue, "displayName: missing")
        }
        var members: Set<String> = []
        for member in resource["members"]?.elements ?? [] {
            guard member["type"]?.text?.lowercased() ?? "user" == "user" else {
                throw .invalid(.invalidValue, "members: users only")
            }
            let last = member["$ref"]?.text?.split(separator: "/").last.map(String.init)
            guard let id = member["value"]?.text ?? last else {
                throw .invalid(.invalidValue, "members: one without a value")
            }
            members.insert(id)
        }
        guard members.count <= SCIMResourceType.mostMembers else {
            throw .invalid(.invalidValue, "members: more than \(SCIMResourceType.mostMembers)")
        }
        self.init(displayName: displayName, externalId: resource["externalId"]?.text, members: members)
    }
}
