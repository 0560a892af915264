package import Names
import SSHFormats

extension Authority {
    /// Makes the first admin and the first policy, once. nil where a policy exists already.
    ///
    /// - Returns: The first admin's link.
    package func firstStart(admin: Name, login: Login?) async throws(AuthorityError) -> NewLink? {
        guard login.map({ !$0.isRoot }) ?? true else { throw .refused(.badName, "login: never root") }
        do {
            guard try await policies.policies.currentPolicyVersion() == 0 else { return nil }
        } catch {
            throw .store(error)
        }
        let now = recorder.world.now()
        let id = IdentityID(.person, admin)
        let person = Identity(
            id: id, owner: nil,
            attributes: IdentityAttributes(login: login, loginBy: login == nil ? .provider : .admin),
            createdAt: now)
        let policy = PolicyVersion(
            version: 1, text: Policy.bootstrap(admin: admin), appliedBy: nil, appliedAt: now)
        let (link, linkFact) = links.draw(for: person, by: nil)
        let event = Event(
            time: now, action: .authorityCreated, actor: nil, subject: id.description,
            requestID: "first-start",
            source: "console", details: ["origin": .text(origin)])
        return try await recorder.record(
            [.policyApplied(policy), .identityAdded(person), linkFact], event, link, once: .unclaimed
        ).value
    }

    /// A new link for the first admin, while they have no factors: the former one may have run out.
    ///
    /// - Returns: nil once somebody has enrolled as an admin of the policy in force.
    package func firstLinkAgain() async throws(AuthorityError) -> NewLink? {
        let persons = try await policies.all(.person).filter { $0.status == .active }
        let admins = try await policies.current().policy.admins(among: persons.map(\.id))
        guard admins.count == 1, let admin = persons.first(where: { admins.contains($0.id) }),
            try await enrolment.hasNoFactors(admin)
        else { return nil }
        let (link, fact) = links.draw(for: admin, by: nil)
        let event = Event(
            time: recorder.world.now(), action: .linkMade, actor: nil, subject: admin.id.description,
            requestID: "first-start", source: "console")
        return try await recorder.record([fact], event, link, once: .unclaimed).value
    }
}
