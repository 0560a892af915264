import Names
import SSHFormats

extension Directory {
    /// What somebody may do on the authority once they are active, by groups that others vouch for too. Whoever is not here
    /// yet has what the policy gives to their name.
    func authorityRoles(
        of id: IdentityID, _ policy: Policy
    ) async throws(AuthorityError) -> Set<AuthorityRole> {
        let known: Identity?
        do { known = try await identity(id) } catch { throw .store(error) }
        var identity = known ?? Identity(id: id, owner: nil, createdAt: UnixTime(0))
        identity.status = .active
        return policy.authorityRoles(of: Subject(identity: identity))
    }

    /// Nobody has power over somebody with rights that they do not have.
    ///
    /// - Returns: The refusal; nil where they have them all.
    func whyAbove(
        _ requester: Requester, _ id: IdentityID, _ policy: Policy
    ) async throws(AuthorityError) -> Refused? {
        let theirs = try await authorityRoles(of: id, policy)
        guard !theirs.isSubset(of: policy.authorityRoles(of: Subject(requester))) else { return nil }
        return Refused(.adminRequired, "\(id) has rights on the authority that you do not have")
    }
}
