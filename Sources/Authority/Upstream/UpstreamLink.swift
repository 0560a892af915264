package import Names
package import SSHFormats

/// Whom an identity provider means: an issuer and its subject, which together are one person here and for ever, whatever
/// else the provider says of them.
package struct UpstreamSubject: Hashable, Sendable {
    /// `iss`, byte for byte.
    package let issuer: String
    /// `sub`, byte for byte; 1 to 255 of them.
    package let subject: String

    package init(issuer: String, subject: String) {
        self.issuer = issuer
        self.subject = subject
    }

    /// Binds a sealed token to its place.
    package var context: String { "upstream/\(issuer)/\(subject)" }
    /// What the groups that this provider vouches for are kept under.
    package var source: String { "oidc:\(issuer)" }
}

/// A person's account at a provider.
package struct UpstreamLink: Hashable, Sendable {
    package let account: UpstreamSubject
    package let person: IdentityID
    package let linkedAt: UnixTime
    /// What the provider gave out to ask again by, sealed.
    package var token: [UInt8]?
    /// When the provider last stood for the person; nil before the first sign-in.
    package var checkedAt: UnixTime?
    /// When it was last asked by the token: a token that is replaced at each use is used by one process at a time.
    package var askedAt: UnixTime?

    package init(
        account: UpstreamSubject, person: IdentityID, linkedAt: UnixTime, token: [UInt8]? = nil,
        checkedAt: UnixTime? = nil, askedAt: UnixTime? = nil
    ) {
        self.account = account
        self.person = person
        self.linkedAt = linkedAt
        self.token = token
        self.checkedAt = checkedAt
        self.askedAt = askedAt
    }
}
