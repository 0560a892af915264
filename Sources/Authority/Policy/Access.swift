package import Names
import SSHFormats

/// Why somebody may or may not log in somewhere.
package struct Explanation: Sendable {
    package let decision: Decision
    package let lines: [String]
}

/// A host with what the requester may do there.
package struct ReachableHost: Sendable {
    package let host: Identity
    package let logins: [(reach: Reach, scope: Scope)]
}

/// Questions about access: nothing is issued, nothing changes.
package struct Access: Sendable {
    let directory: any Directory
    let policies: PolicyDesk
    let recorder: Recorder
    let clocks: HostClocks

    /// The decision that a certificate request would get, with its reasons.
    ///
    /// - Parameter who: nil asks for the requester; others only for auditors.
    /// - Throws: `.refused(.notFound)` for a host that does not exist, to those who may know which do.
    package func explain(
        who: IdentityID?, to text: String, as login: Login, by requester: Requester
    ) async throws(AuthorityError) -> Explanation {
        let (_, policy) = try await policies.current()
        let subject = try await subject(who, requester, policy)
        let known = try await directory.place(knownAs: text)
        guard let asked = policy.asked(text, found: known, by: Subject(requester)) else {
            throw .refused(.hostNotGranted, "no grant of yours reaches \(text)")
        }
        let request = AccessRequest(
            subject: subject, host: asked.host, login: login, scope: nil, lifetime: nil, grant: nil)
        var decision = policy.decide(request, at: recorder.world.now()).told(
            to: Subject(requester), by: policy)
        // To those who may know all hosts, and to those who are granted one by that name.
        let mayTell = decision.isAllowed || !policy.authorityRoles(of: Subject(requester)).isEmpty
        guard asked.isReal || !mayTell else { throw .refused(.notFound, "no host is known as \(text)") }
        if case .allowed(let allowance) = decision,
            let refused = try await clocks.refusal(asked.host.name, lifetime: allowance.lifetime)
        {
            decision = .refused(refused.refusal, nearest: allowance.grant, missing: [refused.detail])
        }
        let isOwn = subject.identity.id == requester.identity.id
        let lines =
            decision.explanation(of: request) + policy.networkWords(decision, isOwn ? requester.source : nil)
        return Explanation(decision: decision, lines: lines)
    }

    /// Every host that the requester's grants reach, and every name that hosts share.
    package func reach(of requester: Requester) async throws(AuthorityError) -> [ReachableHost] {
        let (_, policy) = try await policies.current()
        let active = try await policies.all(.host).filter { $0.status == .active }
        let shared = Host.shared(among: active)
        let hosts =
            active
            + shared.map { host in
                Identity(id: IdentityID(.host, host.name), owner: nil, createdAt: UnixTime(0))
            }
        let scopes = Dictionary(policy.grants.map { ($0.name, $0.scope) }) { first, _ in first }
        let reached = policy.reach(
            of: Subject(requester), hosts: active.compactMap(Host.init) + shared, at: recorder.world.now())
        let byHost = Dictionary(grouping: reached, by: \.host)
        return hosts.compactMap { host in
            guard let entries = byHost[host.id.name] else { return nil }
            return ReachableHost(host: host, logins: entries.map { ($0, scopes[$0.grant] ?? .connection) })
        }
    }

    /// Another person is explained as they would be right after signing in on an enrolled device.
    private func subject(
        _ who: IdentityID?, _ requester: Requester, _ policy: Policy
    ) async throws(AuthorityError) -> Subject {
        guard let who, who != requester.identity.id else { return Subject(requester) }
        try await policies.read(.auditor, requester, on: who.description, policy: policy)
        let found: Identity?
        do { found = try await directory.identity(who) } catch { throw .store(error) }
        guard let found else { throw .refused(.notFound, "\(who)") }
        let now = recorder.world.now()
        let device = Identity(id: IdentityID(.device, found.id.name), owner: found.id, createdAt: now)
        return Subject(identity: found, device: device, factors: [.password: now, .totp: now])
    }
}
