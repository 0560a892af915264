package import Names
package import SSHFormats

/// What a provisioner says of a group.
package struct GroupDraft: Hashable, Sendable {
    package var displayName: String
    package var externalId: String?
    /// Ids of persons of the same provisioner.
    package var members: Set<String>

    package init(displayName: String, externalId: String? = nil, members: Set<String> = []) {
        self.displayName = displayName
        self.externalId = externalId
        self.members = members
    }

    /// What a policy calls it: lower case, a hyphen for each space.
    ///
    /// - Throws: `NameError` for a display name that makes none.
    package var name: Name {
        get throws(NameError) {
            let bytes = displayName.utf8.map { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
                case UInt8(ascii: " "): UInt8(ascii: "-")
                default: byte
                }
            }
            return try Name(String(decoding: bytes, as: UTF8.self))
        }
    }
}

/// A group that a provisioner vouches for.
package struct ProvisionedGroup: Hashable, Sendable {
    package let id: String
    package let provisioner: IdentityID
    /// What a policy calls it; no two of one provisioner are called the same.
    package var name: Name
    package var draft: GroupDraft
    package var version: UInt64
    package let createdAt: UnixTime
    package var changedAt: UnixTime

    package init(
        id: String, provisioner: IdentityID, name: Name, draft: GroupDraft, version: UInt64 = 1,
        createdAt: UnixTime, changedAt: UnixTime
    ) {
        self.id = id
        self.provisioner = provisioner
        self.name = name
        self.draft = draft
        self.version = version
        self.createdAt = createdAt
        self.changedAt = changedAt
    }
}
