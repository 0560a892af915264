package import Names
package import SSHFormats

/// What a provisioner says of a person.
package struct PersonDraft: Hashable, Sendable {
    /// 1 to 256 characters; no two of one provisioner differ in case only.
    package var userName: String
    package var externalId: String?
    /// nil: it says nothing, and the status stays as it is.
    package var isActive: Bool?
    package var profile: PersonProfile

    package init(
        userName: String, externalId: String? = nil, isActive: Bool? = true,
        profile: PersonProfile = PersonProfile()
    ) {
        self.userName = userName
        self.externalId = externalId
        self.isActive = isActive
        self.profile = profile
    }

    /// By which no other of the same provisioner may be called.
    package var key: String { userName.lowercased() }
}

/// Kept to be shown again to whoever said it; nothing is decided by it.
package struct PersonProfile: Hashable, Sendable {
    package struct Email: Hashable, Sendable {
        package let value: String?
        package let type: String?
        package let isPrimary: Bool?

        package init(value: String?, type: String?, isPrimary: Bool?) {
            self.value = value
            self.type = type
            self.isPrimary = isPrimary
        }
    }

    package var formatted: String?
    package var familyName: String?
    package var givenName: String?
    package var displayName: String?
    package var emails: [Email] = []

    package init() {}
}

/// A person with what a provisioner says of them.
package struct ProvisionedPerson: Hashable, Sendable {
    /// By which the provisioner knows them: 16 random bytes in hexadecimal.
    package let id: String
    package let provisioner: IdentityID
    /// As they are now, whoever made them so.
    package var identity: Identity
    package var draft: PersonDraft
    /// Grows by one with each change.
    package var version: UInt64
    package let createdAt: UnixTime
    package var changedAt: UnixTime
    /// In order of their ids.
    package var groups: [Membership]

    /// A group that the person is a member of.
    package struct Membership: Hashable, Sendable {
        package let id: String
        package let displayName: String

        package init(id: String, displayName: String) {
            self.id = id
            self.displayName = displayName
        }
    }

    package init(
        id: String, provisioner: IdentityID, identity: Identity, draft: PersonDraft, version: UInt64 = 1,
        createdAt: UnixTime, changedAt: UnixTime, groups: [Membership] = []
    ) {
        self.id = id
        self.provisioner = provisioner
        self.identity = identity
        self.draft = draft
        self.version = version
        self.createdAt = createdAt
        self.changedAt = changedAt
        self.groups = groups
    }

    /// What is so: nil where the provisioner says nothing, unless somebody else suspended the person.
    package var isActive: Bool? {
        let isActive = identity.status == .active
        return isActive || identity.statusBy == provisioner ? draft.isActive.map { _ in isActive } : false
    }
}
