package import Names
package import SSHFormats

/// Provisioners, and what each of them keeps here.
package protocol Provisioning: Sendable {
    /// In order of name, at most 500, each with its newest 100 tokens.
    func provisioners() async throws(StoreError) -> [ProvisionerFound]
    /// The one that this token was given to, with that token alone, whether or not it still counts.
    func provisioner(tokenHash: [UInt8]) async throws(StoreError) -> ProvisionerFound?
    /// In order of id.
    func persons(_ query: ProvisionedQuery) async throws(StoreError) -> [ProvisionedPerson]
    /// In order of id, each with all its members.
    func groups(_ query: ProvisionedQuery) async throws(StoreError) -> [ProvisionedGroup]
    /// Whoever keeps this person.
    func provisioned(_ person: IdentityID) async throws(StoreError) -> ProvisionedPerson?
    /// Persons who have this login, of whatever status; not all where they are many.
    func holders(of login: Login) async throws(StoreError) -> [IdentityID]
}

/// Which are meant, of one provisioner.
package struct ProvisionedQuery: Hashable, Sendable {
    package enum Key: Hashable, Sendable {
        /// Those behind this id.
        case after(String?)
        case id(String)
        /// ``PersonDraft/key``, or the name of a group.
        case name(String)
        case externalId(String)
        /// Groups with this person among their members.
        case member(String)
    }

    package let provisioner: IdentityID
    package let key: Key
    package let limit: Int

    package init(_ provisioner: IdentityID, _ key: Key, limit: Int = 200) {
        self.provisioner = provisioner
        self.key = key
        self.limit = limit
    }
}

/// A change of what provisioners keep.
package enum ProvisioningFact: Hashable, Sendable {
    /// Conflict `.exists` if there is one; its identity was added before.
    case added(Provisioner)
    case tokenMade(ProvisionerToken)
    /// One by its id, or all. Conflict `.missing` if none is left that counts.
    case tokensEnded(of: IdentityID, id: String?, at: UnixTime)
    /// New, or in place of the former one. Conflict `.exists` if its person or its user name is another one's. Its
    /// identity and its groups are facts of their own.
    case personKept(ProvisionedPerson)
    /// And is a member of nothing. Conflict `.missing`.
    case personLeft(id: String)
    /// New, or in place of the former one, with its members. Conflict `.exists` if the name is another one's, `.missing`
    /// for members that are not there.
    case groupKept(ProvisionedGroup)
    /// Conflict `.missing`.
    case groupLeft(id: String)
}
