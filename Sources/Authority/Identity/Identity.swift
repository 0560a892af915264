package import Names
package import SSHFormats

/// Whether an identity may act. Never deleted: "who was this?" has an answer for ever.
package enum IdentityStatus: String, Hashable, Sendable, CaseIterable {
    case active, suspended, retired

    package func mayBecome(_ next: IdentityStatus) -> Bool {
        switch (self, next) {
        case (.active, .suspended), (.active, .retired), (.suspended, .active), (.suspended, .retired): true
        case (.active, .active), (.suspended, .suspended), (.retired, _): false
        }
    }
}

/// A person, device, host or service.
package struct Identity: Hashable, Sendable {
    package let id: IdentityID
    /// The person who answers for it; nil for persons only.
    package let owner: IdentityID?
    package var status: IdentityStatus
    /// Who set the status; nil where it is as the identity was added.
    package var statusBy: IdentityID?
    package var attributes: IdentityAttributes
    package let createdAt: UnixTime
    /// Groups that directories and identity providers vouch for; they count only where the policy declares them
    /// `external`. Set by facts of their own.
    package var groups: Set<Name>

    package init(
        id: IdentityID, owner: IdentityID?, status: IdentityStatus = .active,
        attributes: IdentityAttributes = IdentityAttributes(), createdAt: UnixTime,
        statusBy: IdentityID? = nil, groups: Set<Name> = []
    ) {
        self.id = id
        self.owner = owner
        self.status = status
        self.statusBy = statusBy
        self.groups = groups
        self.attributes = attributes
        self.createdAt = createdAt
    }
}

/// What is known of an identity beyond its name. Set on the server only.
package struct IdentityAttributes: Hashable, Sendable {
    /// A person's own login, what `$self` stands for. Never `root`.
    package var login: Login?
    /// Who set the login.
    package var loginBy: LoginSource
    /// Other names of a host, for people who type them.
    package var aliases: [Name]
    /// Addresses of a host, numeric; only an admin sets them.
    package var addresses: [String]
    package var labels: Set<Label>

    /// Names that this host shares with others, each of which answers to them and is certified for them: the labels
    /// `name=…`.
    package var sharedNames: [Name] { labels.filter(\.isSharedName).map(\.value).sorted() }

    /// Everything that somebody may type to get to a host of these attributes, beside its own name.
    package var knownAs: [String] { aliases.map(\.text) + addresses + sharedNames.map(\.text) }

    package init(
        login: Login? = nil, loginBy: LoginSource = .provider, aliases: [Name] = [],
        addresses: [String] = [], labels: Set<Label> = []
    ) {
        self.login = login
        self.loginBy = loginBy
        self.aliases = aliases
        self.addresses = addresses
        self.labels = labels
    }
}

extension Label {
    /// Whether its value is a name that hosts share.
    package var isSharedName: Bool { key.text == "name" }
}

/// Who said what a person's login is. Only of an admin's word is it an account of a system (``Login/isOfSystem``, PAM).
package enum LoginSource: String, Hashable, Sendable, CaseIterable {
    case admin
    /// An identity provider or a provisioner, or nobody knows who.
    case provider
}
