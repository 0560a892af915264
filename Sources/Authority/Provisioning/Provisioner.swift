package import Names
package import SSHFormats

/// An identity provider that pushes persons and groups: a service of the authority's, which touches what it made or was
/// given, and nothing else.
package struct Provisioner: Hashable, Sendable {
    /// `service:corp`.
    package let id: IdentityID
    /// Of the identity provider whose `sub` is the `externalId` here; nil: persons are linked with accounts by admins.
    package let issuer: String?

    package init(id: IdentityID, issuer: String? = nil) {
        self.id = id
        self.issuer = issuer
    }

    /// What the groups that it vouches for are kept under.
    package var source: String { "scim:\(id.name)" }
}

/// What a provisioner shows to be let in. The token itself is nowhere.
package struct ProvisionerToken: Hashable, Sendable {
    /// Public handle, 8 random bytes in hexadecimal.
    package let id: String
    package let provisioner: IdentityID
    package let tokenHash: [UInt8]
    package let madeBy: IdentityID
    package let madeAt: UnixTime
    package let notAfter: UnixTime
    package var endedAt: UnixTime?

    package init(
        id: String, provisioner: IdentityID, tokenHash: [UInt8], madeBy: IdentityID, madeAt: UnixTime,
        notAfter: UnixTime, endedAt: UnixTime? = nil
    ) {
        self.id = id
        self.provisioner = provisioner
        self.tokenHash = tokenHash
        self.madeBy = madeBy
        self.madeAt = madeAt
        self.notAfter = notAfter
        self.endedAt = endedAt
    }
}

/// A provisioner as it is looked after.
package struct ProvisionerFound: Hashable, Sendable {
    package let provisioner: Provisioner
    package let identity: Identity
    /// The newest first.
    package let tokens: [ProvisionerToken]

    package init(provisioner: Provisioner, identity: Identity, tokens: [ProvisionerToken]) {
        self.provisioner = provisioner
        self.identity = identity
        self.tokens = tokens
    }
}
